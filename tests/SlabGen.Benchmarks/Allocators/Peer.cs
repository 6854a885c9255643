namespace SlabGen.Benchmarks.Allocators;

/// <summary>Code that is written once for every allocator.</summary>
internal interface IPeerVisitor<TResult>
{
    TResult Visit<TAllocator, TObject>(Peer peer)
        where TAllocator : struct, IAllocator<TObject>
        where TObject : struct, IObject<TObject>;
}

/// <summary>An allocator in a list of them, with its name in the tables.</summary>
internal abstract class Peer(string name)
{
    public string Name => name;

    /// <summary>Whether its objects lie on the collector's heap.</summary>
    public abstract bool IsManaged { get; }

    public abstract TResult Accept<TResult>(IPeerVisitor<TResult> visitor);
}

/// <inheritdoc/>
internal sealed class Peer<TAllocator, TObject>(string name) : Peer(name)
    where TAllocator : struct, IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    public override bool IsManaged => typeof(TObject) != typeof(NativeObject);

    public override TResult Accept<TResult>(IPeerVisitor<TResult> visitor) => visitor.Visit<TAllocator, TObject>(this);
}
