using System.Text;
using System.Text.Json.Nodes;

namespace SlabGen.Benchmarks.Results;

/// <summary>What <c>--write</c> leaves beside the sources: <c>results/PROCESSOR/COMMAND.md</c> and <c>.json</c>.</summary>
internal static class ResultFiles
{
    /// <exception cref="InvalidOperationException">The program does not run in the repository.</exception>
    public static void Write(string command, string markdown, JsonObject json)
    {
        string folder = Path.Combine(RepositoryRoot.Require(), "tests", "SlabGen.Benchmarks", "results", FolderName(Machine.Processor));
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, command + ".md"), $"# {command}\n\n{markdown}\n");
        File.WriteAllText(Path.Combine(folder, command + ".json"), json + "\n");
    }

    /// <summary>Letters and digits, and single hyphens between them.</summary>
    private static string FolderName(string processor)
    {
        var name = new StringBuilder();
        foreach (char c in processor)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                name.Append(c);
            }
            else if (name.Length > 0 && name[^1] != '-')
            {
                name.Append('-');
            }
        }

        return name.ToString().TrimEnd('-');
    }
}
