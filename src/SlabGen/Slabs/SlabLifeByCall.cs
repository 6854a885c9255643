using SlabGen.Memory;

namespace SlabGen.Slabs;

/// <summary>A constructor and a destructor that are known only at run time: one call per object.</summary>
internal abstract class SlabLifeByCall : SlabLife
{
    public sealed override void Construct(nint first, int objects, int size, ref int constructed)
    {
        for (; constructed < objects; constructed++)
        {
            if (!Construct(first + ((nint)constructed * size)))
            {
                return;
            }
        }
    }

    public sealed override void Destruct(nint first, int objects, int size, ref FoundErrors found)
    {
        for (int i = 0; i < objects; i++)
        {
            try
            {
                Destruct(first + ((nint)i * size));
            }
            catch (Exception thrown)
            {
                found.Add(thrown); // the others are still destructed, and the caller throws
            }
        }
    }

    protected abstract bool Construct(nint address);

    protected abstract void Destruct(nint address);
}

/// <summary>Delegates; either may be missing.</summary>
internal sealed class SlabLifeByDelegate(Func<nint, object?, bool>? construct, Action<nint, object?>? destruct,
    object? state) : SlabLifeByCall
{
    protected override bool Construct(nint address) => construct is null || construct(address, state);

    protected override void Destruct(nint address) => destruct?.Invoke(address, state);
}

/// <summary>Functions of another language; either may be null.</summary>
internal sealed unsafe class SlabLifeByFunction(delegate* unmanaged<nint, nint, int> construct,
    delegate* unmanaged<nint, nint, void> destruct, nint state) : SlabLifeByCall
{
    private readonly delegate* unmanaged<nint, nint, int> _construct = construct;
    private readonly delegate* unmanaged<nint, nint, void> _destruct = destruct;

    protected override bool Construct(nint address) => _construct == null || _construct(address, state) == 0;

    protected override void Destruct(nint address)
    {
        if (_destruct != null)
        {
            _destruct(address, state);
        }
    }
}
