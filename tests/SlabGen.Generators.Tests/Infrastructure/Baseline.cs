using System.Runtime.CompilerServices;

namespace SlabGen.Generators.Tests;

/// <summary>
/// Holds a text against a checked-in file, with the file naming of Verify, which could take this class's place:
/// <c>Class.Method#Hint.g.verified.cs</c> beside the test, and <c>.received.cs</c> beside that when they differ.
/// </summary>
internal static class Baseline
{
    // Set to 1, a run takes what it received as verified. Review the difference before it is committed.
    private const string UpdateVariable = "SLABGEN_UPDATE_BASELINES";

    /// <summary>Whether this run rewrites the baselines.</summary>
    public static bool Updates => Environment.GetEnvironmentVariable(UpdateVariable) == "1";

    /// <summary>Verifies one generated file, and with its <c>HintName</c> line the name it was generated under.</summary>
    public static void Verify(
        string text,
        string hintName,
        [CallerFilePath] string testFile = "",
        [CallerMemberName] string method = "")
    {
        string path = PathOf(hintName, testFile, method);
        string verified = path + ".verified.cs";
        string received = path + ".received.cs";
        text = Normalize($"//HintName: {hintName}\n{text}");

        if (Updates)
        {
            File.WriteAllText(verified, text);
        }

        // A baseline that is missing is never made up: the first one is reviewed as well.
        string? expected = File.Exists(verified) ? Normalize(File.ReadAllText(verified)) : null;
        if (expected == text)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        Assert.Fail(
            $"{(expected is null ? "There is no baseline" : FirstDifference(expected, text))}. Compare\n  {verified}\nwith\n  {received}\n"
            + $"and, if the new text is right, run the tests with {UpdateVariable}=1.");
    }

    /// <summary>Fails if the test has a baseline for a file that is generated no more.</summary>
    public static void VerifyNoOther(
        IEnumerable<string> hintNames,
        [CallerFilePath] string testFile = "",
        [CallerMemberName] string method = "")
    {
        string prefix = Path.GetFileNameWithoutExtension(testFile) + "." + method + "#";
        IEnumerable<string> found = Directory.EnumerateFiles(Path.GetDirectoryName(testFile)!, prefix + "*.verified.cs");
        Assert.Empty(found.Except(hintNames.Select(hintName => PathOf(hintName, testFile, method) + ".verified.cs")));
    }

    private static string PathOf(string hintName, string testFile, string method) => Path.Combine(
        Path.GetDirectoryName(testFile)!,
        $"{Path.GetFileNameWithoutExtension(testFile)}.{method}#{Path.GetFileNameWithoutExtension(hintName)}");

    private static string Normalize(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);

    private static string FirstDifference(string expected, string actual)
    {
        string[] left = expected.Split('\n');
        string[] right = actual.Split('\n');
        int line = left.Zip(right).TakeWhile(static pair => pair.First == pair.Second).Count();
        return $"The baseline differs in line {line + 1}:\n  - {left.ElementAtOrDefault(line)}\n  + {right.ElementAtOrDefault(line)}\n";
    }
}
