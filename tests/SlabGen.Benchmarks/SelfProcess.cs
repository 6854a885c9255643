using System.Diagnostics;

namespace SlabGen.Benchmarks;

/// <summary>Starts this program once more, for what needs a process of its own.</summary>
internal static class SelfProcess
{
    /// <returns>What the child wrote to its standard output.</returns>
    /// <exception cref="InvalidOperationException">The child failed.</exception>
    public static string Run(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        // Started through "dotnet x.dll", the process is the host and wants the path of the program first.
        string host = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this process is unknown.");
        string program = typeof(SelfProcess).Assembly.Location;
        bool isHost = Path.GetFileNameWithoutExtension(host) == "dotnet";

        var start = new ProcessStartInfo(host, isHost ? [program, .. arguments] : arguments) { RedirectStandardOutput = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process child = Process.Start(start)!;
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"'{string.Join(' ', arguments)}' ended with exit code {child.ExitCode}.");
    }
}
