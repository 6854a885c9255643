namespace SlabGen.Stress;

/// <summary>Addresses that workers had lately, live or freed since, for those who ask what an address is. Racy on purpose.</summary>
internal sealed class Sightings
{
    private readonly nint[] _addresses = new nint[1024];
    private int _next;

    public void Add(nint address) => Volatile.Write(ref _addresses[(uint)_next++ % 1024], address);

    public nint Any(Random random) => Volatile.Read(ref _addresses[random.Next(1024)]);
}
