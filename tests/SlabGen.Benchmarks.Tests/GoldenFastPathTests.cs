using System.Runtime.InteropServices;
using System.Text.Json;

namespace SlabGen.Benchmarks.Tests;

/// <summary>
/// The instruction mix of the fast path at the JIT's last tier, after tcmalloc's golden files: a generated <c>Alloc</c> and
/// <c>Free</c>, each inlined into a method that does nothing else, whose own prologue and epilogue are counted as well.
/// </summary>
/// <remarks>
/// The count is that of code compiled with a profile, as the JIT does by default. Without one (<c>DOTNET_TieredPGO=0</c>) it lays
/// the slow path in between and jumps over it: 26 and 33. On a busy machine the profile may come too late for one of the
/// methods inlined here, so the least of a few processes counts; locks and calls count in every one.
/// </remarks>
public class GoldenFastPathTests
{
    private const int Tries = 5;

    /// <summary>
    /// 23 today: 4 are the frame that a call needs, 3 the resolver of the thread statics and its call, 7 find the slot in what it
    /// returns, 2 test it, 3 compare, 4 take the object.
    /// </summary>
    [Fact]
    public void Alloc_takes_at_most_24_instructions() => Check("Alloc", 24);

    /// <summary>
    /// 29 today, where 24 are wanted: Alloc's, less the move of its result; 5 more because the object must outlive the call
    /// of the resolver, for which the frame saves a register and aligns the stack, and 2 because a null pointer is sent to the slow path.
    /// </summary>
    [Fact]
    public void Free_takes_at_most_29_instructions() => Check("Free", 29);

    /// <summary>Of <c>Kmalloc</c>: the size's table instead of the slot's place, and no object on the way to the words.</summary>
    [Fact]
    public void A_block_takes_at_most_34_instructions() => Check("AllocBlock", 34);

    /// <summary>The page's table says whose bin it is.</summary>
    [Fact]
    public void A_blocks_free_takes_at_most_38_instructions() => Check("FreeBlock", 38);

    private static void Check(string method, int most)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the listing's parser reads x64 alone");
        int least = int.MaxValue;
        for (int i = 0; i < Tries && least > most; i++)
        {
            foreach (JsonElement listing in List(method)) // none where the last tier came too late
            {
                CheckCalls(method, listing);
                least = Math.Min(least, listing.GetProperty("straightPath").GetInt32());
            }
        }

        Assert.InRange(least, 1, most);
    }

    private static string Half(string method) => method.Replace("Block", "", StringComparison.Ordinal);

    private static JsonElement[] List(string method)
    {
        (int exitCode, string output, string error) = BenchmarkProgram.Run("jit", "--json");
        Assert.True(exitCode == 0, error);
        return [.. JsonDocument.Parse(output).RootElement.EnumerateArray().Where(listing => listing.GetProperty("method").GetString() == method)];
    }

    private static void CheckCalls(string method, JsonElement listing)
    {
        Assert.StartsWith("Tier1", listing.GetProperty("tier").GetString());
        Assert.Equal(0, listing.GetProperty("locks").GetInt32());

        // The resolver of thread statics, by its address; its slow half; and the slow path.
        Assert.Equal(1, listing.GetProperty("straightCalls").GetInt32());
        string[] calls = [.. listing.GetProperty("calls").EnumerateArray().Select(call => call.GetString()!)];
        Assert.All(calls, call => Assert.True(
            call is "rax" || call.Contains("THREADSTATIC", StringComparison.Ordinal) || call.Contains($":{Half(method)}Slow(", StringComparison.Ordinal)
                || (method == "AllocBlock" && call.Contains(":AllocLarge(", StringComparison.Ordinal)),
            $"an unexpected call: {call}"));
        Assert.Contains(calls, call => call.Contains($":{Half(method)}Slow(", StringComparison.Ordinal));
    }
}
