namespace SlabGen.Benchmarks.Gc;

/// <summary>Millions of live objects of 64 bytes, of which any one can be replaced by a new one.</summary>
internal interface ILiveSet
{
    static abstract string Name { get; }

    static abstract void Fill(int count);

    static abstract void Replace(int index, long value);
}
