namespace SlabGen.TraceReplay;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>Replayed, and every stamp was right.</summary>
    public const int Success = 0;

    /// <summary>A stamp was wrong, or the allocator reported an error other than a lack of memory.</summary>
    public const int Failure = 1;

    /// <summary>A bad option, or a file that is not a trace.</summary>
    public const int BadInput = 2;

    /// <summary>The trace needs more memory than there is.</summary>
    public const int OutOfMemory = 3;
}

/// <summary>An error that ends the program: one line for standard error, and the exit code.</summary>
internal sealed class ReplayException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
