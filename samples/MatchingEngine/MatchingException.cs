namespace MatchingEngine;

/// <summary>Ends the program with one line and an exit code.</summary>
#pragma warning disable CA1032 // It has what the program needs.
internal sealed class MatchingException(string message, int exitCode) : Exception(message)
#pragma warning restore CA1032
{
    public int ExitCode { get; } = exitCode;
}
