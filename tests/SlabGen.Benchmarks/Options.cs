namespace SlabGen.Benchmarks;

/// <summary>The command line: a command, values, and flags.</summary>
internal sealed class Options(string[] arguments)
{
    public string Command => arguments is [var command, ..] ? command : "";

    /// <summary>What follows the command.</summary>
    public IReadOnlyList<string> Values => arguments[1..];

    public bool Json => arguments.Contains("--json");

    public bool Quick => arguments.Contains("--quick");

    /// <summary>Which workloads to run: those whose name starts so.</summary>
    public string Only => Array.IndexOf(arguments, "--only") is >= 0 and var flag && flag + 1 < arguments.Length ? arguments[flag + 1] : "";
}
