using Xunit.Sdk;

namespace SlabGen.Generators.Tests;

/// <summary>The stand-in for Verify: what it accepts, what it refuses, and the files it leaves.</summary>
public sealed class BaselineTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("slabgen-baseline-");

    private string TestFile => Path.Combine(_folder.FullName, "Some.cs");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_missing_baseline_fails_and_leaves_what_was_received()
    {
        Assert.SkipWhen(Baseline.Updates, "Baselines are being rewritten.");
        Assert.ThrowsAny<XunitException>(() => Baseline.Verify("class A;", "N.A.g.cs", TestFile, "Test"));

        Assert.Equal(["Some.Test#N.A.g.received.cs"], Files);
    }

    [Fact]
    public void A_difference_fails_and_an_equal_text_removes_what_was_received()
    {
        Assert.SkipWhen(Baseline.Updates, "Baselines are being rewritten.");
        File.WriteAllText(Path.Combine(_folder.FullName, "Some.Test#N.A.g.verified.cs"), "//HintName: N.A.g.cs\r\nclass A;\r\n");

        XunitException failure = Assert.ThrowsAny<XunitException>(() => Baseline.Verify("class B;\n", "N.A.g.cs", TestFile, "Test"));
        Assert.Contains("differs in line 2", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["Some.Test#N.A.g.received.cs", "Some.Test#N.A.g.verified.cs"], Files);

        Baseline.Verify("class A;\n", "N.A.g.cs", TestFile, "Test");
        Assert.Equal(["Some.Test#N.A.g.verified.cs"], Files);
    }

    [Fact]
    public void A_baseline_of_a_file_that_is_generated_no_more_fails()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "Some.Test#N.Old.g.verified.cs"), "");

        Assert.ThrowsAny<XunitException>(() => Baseline.VerifyNoOther(["N.A.g.cs"], TestFile, "Test"));
        Baseline.VerifyNoOther(["N.Old.g.cs"], TestFile, "Test");
    }

    private IEnumerable<string> Files => _folder.EnumerateFiles().Select(static file => file.Name).Order(StringComparer.Ordinal);
}
