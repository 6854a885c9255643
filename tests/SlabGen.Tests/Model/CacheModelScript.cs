using System.Globalization;
using CsCheck;

namespace SlabGen.Tests.Model;

/// <summary>What one step of a script does; the number says to which object, or how many.</summary>
internal enum CacheOperation
{
    Alloc,
    Free,
    AllocBulk,
    FreeBulk,
    Shrink,
    FillUp,
}

/// <summary>The sizes of a cache that a script runs on: small ones, so that scripts are short and corners near.</summary>
internal sealed record CacheModelSizes(int ObjectSize, int Alignment, int Pages, int Rounds, int DepotBytes, int ReuseDistanceBytes, bool IsChecked)
{
    public static readonly Gen<CacheModelSizes> Gen = CsCheck.Gen.Select(
        AnyOf(1, 8, 24, 64, 200, 1000, 3000, 9000),
        AnyOf(0, 0, 16, 256),
        CsCheck.Gen.Int[8, 40],
        CsCheck.Gen.Int[1, 3],
        AnyOf(0, 500, 5000, 1 << 20),
        AnyOf(0, 2000, 1 << 20),
        CsCheck.Gen.Int[0, 9],
        (size, alignment, pages, rounds, depot, distance, check) => new CacheModelSizes(size, alignment, pages, rounds, depot, distance, check == 0));

    public static Gen<int> AnyOf(params int[] values) => CsCheck.Gen.Int[0, values.Length - 1].Select(index => values[index]);

    /// <summary>How many scripts to run: so many, unless <c>CsCheck_Iter</c> says otherwise (-1 makes CsCheck ask it).</summary>
    public static long Scripts(long count) => Environment.GetEnvironmentVariable("CsCheck_Iter") is null ? count : -1;

    public SlabCacheOptions Options => new()
    {
        Alignment = Alignment,
        MagazineRounds = Rounds,
        DepotBytes = DepotBytes,
        ReuseDistanceBytes = ReuseDistanceBytes,
    };
}

/// <summary>A random script for <see cref="CacheModelTests"/>.</summary>
internal sealed record CacheModelScript(CacheModelSizes Sizes, (CacheOperation Operation, int Number)[] Steps)
{
    public static readonly Gen<CacheModelScript> Gen = CsCheck.Gen.Select(
        CacheModelSizes.Gen,
        CsCheck.Gen.Select(CsCheck.Gen.Frequency(
            (12, CsCheck.Gen.Const(CacheOperation.Alloc)),
            (10, CsCheck.Gen.Const(CacheOperation.Free)),
            (4, CsCheck.Gen.Const(CacheOperation.AllocBulk)),
            (4, CsCheck.Gen.Const(CacheOperation.FreeBulk)),
            (2, CsCheck.Gen.Const(CacheOperation.Shrink)),
            (1, CsCheck.Gen.Const(CacheOperation.FillUp))), CsCheck.Gen.Int[0, 40]).Array[1, 120],
        (sizes, steps) => new CacheModelScript(sizes, steps));

    public override string ToString() => Sizes + Environment.NewLine
        + string.Join(Environment.NewLine, Steps.Select(step => string.Create(CultureInfo.InvariantCulture, $"  {step.Operation} {step.Number}")));
}
