using SlabGen;

namespace Misuse;

/// <summary>One mistake, made with orders.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Make">Makes it, with a cache of orders and another cache.</param>
internal sealed record Mistake(string Name, Action<KmemCache, KmemCache> Make)
{
    public static readonly Mistake[] All =
    [
        new("double-free", Mistakes.DoubleFree),
        new("wrong-cache", Mistakes.WrongCache),
        new("interior", Mistakes.Interior),
        new("overflow", Mistakes.Overflow),
        new("write-after-free", Mistakes.WriteAfterFree),
        new("read-after-free", Mistakes.ReadAfterFree),
        new("leak", Mistakes.Leak),
        new("stale-handle", Mistakes.StaleHandle),
    ];
}
