namespace SlabGen.Samples;

/// <summary>Ends the program with one line and an exit code.</summary>
#pragma warning disable CA1032 // It has what the programs need.
internal sealed class SampleException(string message, int exitCode) : Exception(message)
#pragma warning restore CA1032
{
    public int ExitCode { get; } = exitCode;
}
