namespace SlabGen.Benchmarks;

/// <summary>The command line: a command, values, and flags.</summary>
internal sealed class Options(string[] arguments)
{
    private const string PeerFlag = "--peer";

    public string Command => arguments is [var command, ..] ? command : "";

    /// <summary>What follows the command.</summary>
    public IReadOnlyList<string> Values => arguments[1..];

    public bool Json => arguments.Contains("--json");

    public bool Quick => arguments.Contains("--quick");

    /// <summary>Whether the results go into files beside the sources and into the README.</summary>
    public bool Write => arguments.Contains("--write");

    /// <summary>Which workloads to run: those whose name starts so.</summary>
    public string Only => After("--only").FirstOrDefault("");

    /// <summary>Further allocators, <c>name=path.so:alloc:free</c>.</summary>
    public IReadOnlyList<string> Peers => [.. After(PeerFlag)];

    /// <summary>The same as arguments, for a child.</summary>
    public IReadOnlyList<string> PeerArguments => [.. Peers.SelectMany(peer => (string[])[PeerFlag, peer])];

    private IEnumerable<string> After(string flag) =>
        Enumerable.Range(0, Math.Max(0, arguments.Length - 1)).Where(i => arguments[i] == flag).Select(i => arguments[i + 1]);
}
