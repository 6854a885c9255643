using System.Globalization;
using CsCheck;

namespace SlabGen.Fuzz.Tests;

/// <summary>
/// Proves that the whole public interface does, in any order and in every mode, what a model of it says. Catches an object lost, handed out twice or
/// overwritten, a wrong count, an exception that may not come out, memory that does not come back. <c>SLABGEN_FUZZ_SECONDS</c> makes it longer. A failure
/// prints the smallest script, its steps, and the seed (<c>CsCheck_Seed</c>).
/// </summary>
public sealed class ScriptTests
{
    [Fact]
    public void Any_bytes_are_a_script_that_the_allocator_survives() =>
        Gen.Byte.Array[0, 900].Sample(World.Run, time: Seconds(4), threads: 1, print: script => Convert.ToHexString(script));

    [Fact]
    public void No_bytes_are_one_too() => World.Run([]);

    private static int Seconds(int usual) => Environment.GetEnvironmentVariable("SLABGEN_FUZZ_SECONDS") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
