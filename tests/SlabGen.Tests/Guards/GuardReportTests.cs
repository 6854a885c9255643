using System.Runtime.InteropServices;
using Arch = System.Runtime.InteropServices.Architecture;

namespace SlabGen.Tests.Guards;

/// <summary>
/// Proves what a process writes and how it ends when it touches a guard page or the page of a freed object, and that .NET's own ways with
/// other faults are what they were. Each case is a process of its own.
/// </summary>
[Collection(Guarded.Collection)]
public sealed class GuardReportTests
{
    private const int Aborted = 134; // 128 + SIGABRT

    [Theory]
    [InlineData("write-after-free", "use after free, write")]
    [InlineData("read-after-free", "use after free, read")]
    [InlineData("in-the-pool", "use after free, write")]
    [InlineData("two-threads", "use after free, write")]
    [InlineData("overflow", "out of bounds, write")]
    [InlineData("underflow", "out of bounds, write")]
    public void A_fault_is_reported_before_the_process_ends_as_it_did(string fault, string kind)
    {
        (int exitCode, string output, string errors) = Run(fault);
        Assert.True(exitCode == Aborted, $"{exitCode}: {output}{errors}");
        if (RuntimeInformation.ProcessArchitecture == Arch.Arm64)
        {
            kind = kind.Replace("write", "access", StringComparison.Ordinal).Replace("read", "access", StringComparison.Ordinal);
        }

        Assert.Contains($"SlabGen: {kind} at 0x", errors, StringComparison.Ordinal);
        Assert.Equal(2, errors.Split("SlabGen: ").Length); // one report
        Assert.Contains("Guarded object of 64 bytes", errors, StringComparison.Ordinal);
        Assert.Contains("of cache 'victims'", errors, StringComparison.Ordinal);
        Assert.Contains("Allocated by thread", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("survived", output, StringComparison.Ordinal);
        if (kind.StartsWith("use", StringComparison.Ordinal))
        {
            Assert.Contains("AllocVictim", errors, StringComparison.Ordinal);
            Assert.Contains("Freed by thread", errors, StringComparison.Ordinal);
            Assert.Contains("FreeVictim", errors, StringComparison.Ordinal);
        }

        // .NET's own words, and the stack of the access.
        Assert.Contains("AccessViolationException", errors, StringComparison.Ordinal);
        Assert.Contains(fault == "read-after-free" ? "Read(IntPtr" : "Write(", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_in_native_code_is_reported_too()
    {
        (int exitCode, string output, string errors) = Run("in-native-code");
        Assert.True(exitCode > 128, $"{exitCode}: {output}{errors}");
        Assert.Contains("SlabGen: use after free", errors, StringComparison.Ordinal);
        Assert.Contains("FreeVictim", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_references_are_still_exceptions()
    {
        (int exitCode, string output, string errors) = Run("null");
        Assert.True(exitCode == 0, $"{exitCode}: {output}{errors}");
        Assert.Contains("caught", output, StringComparison.Ordinal);
        Assert.DoesNotContain("SlabGen:", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foreign", "AccessViolationException")]
    [InlineData("deep", "Stack overflow")]
    public void Other_faults_end_the_process_without_a_report(string fault, string words)
    {
        (int exitCode, string output, string errors) = Run(fault);
        Assert.True(exitCode == Aborted, $"{exitCode}: {output}{errors[..Math.Min(errors.Length, 1000)]}");
        Assert.Contains(words, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("SlabGen: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_crash_dump_is_made_if_asked_for()
    {
        string createDump = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "createdump");
        Assert.SkipUnless(File.Exists(createDump), "this runtime has no createdump");
        string folder = Directory.CreateTempSubdirectory("slabgen-dump").FullName;
        try
        {
            (_, _, string errors) = Run("write-after-free", folder);
            Assert.Contains("SlabGen: use after free", errors, StringComparison.Ordinal);
            Assert.SkipWhen(errors.Contains("ptrace", StringComparison.OrdinalIgnoreCase), "this system permits no dump");
            Assert.NotEmpty(Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_right_access_ends_nothing() => Assert.Contains("survived", Run("none").Output, StringComparison.Ordinal);

    private static (int ExitCode, string Output, string Errors) Run(string fault, string? dumps = null)
    {
        (int exitCode, string output, string errors) = FaultingChild.Run(fault, dumps);
        Assert.SkipWhen(exitCode == 126, "an emulated program, which cannot be started by its name");
        Assert.SkipWhen(output.StartsWith("refused: ", StringComparison.Ordinal), output);
        return (exitCode, output, errors);
    }
}
