namespace SlabGen.Benchmarks;

/// <summary>The folder that holds the solution, above the folder of the program.</summary>
internal static class RepositoryRoot
{
    /// <summary>Null where the program was copied away.</summary>
    public static string? Path { get; } = Find();

    /// <exception cref="InvalidOperationException">The program was copied away.</exception>
    public static string Require() =>
        Path ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not in the repository, and there is nowhere to write.");

    private static string? Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "SlabGen.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName;
    }
}
