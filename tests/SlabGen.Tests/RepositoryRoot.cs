using System.Runtime.CompilerServices;

namespace SlabGen.Tests;

/// <summary>Finds files of the repository, for tests that hold its texts against its code.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find([CallerFilePath] string thisFile = "")
    {
        // The source path when the build keeps it, and else the folder above the build output.
        foreach (string start in new[] { System.IO.Path.GetDirectoryName(thisFile) ?? "", AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start.Length > 0 ? start : "."); folder != null; folder = folder.Parent)
            {
                if (File.Exists(System.IO.Path.Combine(folder.FullName, "SlabGen.sln")))
                {
                    return folder.FullName;
                }
            }
        }

        throw new DirectoryNotFoundException("SlabGen.sln was not found above the tests.");
    }
}
