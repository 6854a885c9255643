using System.Runtime.InteropServices;
using System.Text.Json;

namespace SlabGen.Benchmarks.Tests;

/// <summary>The instruction mix of the same fast path as NativeAOT compiles it, by objdump.</summary>
public class GoldenAotTests
{
    private const int ExitSkipped = 3;

    /// <summary>Both in one test, since compiling ahead of time takes half a minute.</summary>
    [Fact]
    public void Alloc_and_free_are_as_short_as_on_the_JIT_without_lock_or_call()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the listing's parser reads x64 alone");
        (int exitCode, string output, string error) = BenchmarkProgram.Run("aot", "--json", "--quick");
        Assert.SkipWhen(exitCode == ExitSkipped, error.Trim());
        Assert.SkipWhen(error.Contains("NU1101", StringComparison.Ordinal) || output.Contains("NU1101", StringComparison.Ordinal), "the feed has no ILCompiler");
        Assert.True(exitCode == 0, error);
        JsonElement[] methods = [.. JsonDocument.Parse(output).RootElement.GetProperty("methods").EnumerateArray()];
        Assert.Equal(["Alloc", "Free"], methods.Select(method => method.GetProperty("method").GetString()));
        foreach ((JsonElement method, int most) in methods.Zip([24, 29]))
        {
            string name = method.GetProperty("method").GetString()!;
            Assert.Equal(0, method.GetProperty("locks").GetInt32());
            Assert.InRange(method.GetProperty("straightPath").GetInt32(), 1, most);
            Assert.Equal(0, method.GetProperty("straightCalls").GetInt32());
            string[] calls = [.. method.GetProperty("calls").EnumerateArray().Select(call => call.GetString()!)];
            Assert.All(calls, call => Assert.True(call is "rax" || call.Contains($"__{name}Slow", StringComparison.Ordinal), $"an unexpected call: {call}")); // rax: a thread's first access
            Assert.Contains(calls, call => call.Contains($"__{name}Slow", StringComparison.Ordinal));
        }
    }
}
