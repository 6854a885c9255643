namespace SlabGen.Slabs;

/// <summary>A doubly linked list of slabs. Under the list lock of its cache.</summary>
internal struct SlabList
{
    private unsafe Slab* _first;

    public int Count { get; private set; }

    public readonly unsafe Slab* First => _first;

    public unsafe void Add(Slab* slab)
    {
        slab->Prev = null;
        slab->Next = _first;
        if (_first != null)
        {
            _first->Prev = slab;
        }

        _first = slab;
        Count++;
    }

    public unsafe void Remove(Slab* slab)
    {
        if (slab->Prev == null)
        {
            _first = slab->Next;
        }
        else
        {
            slab->Prev->Next = slab->Next;
        }

        if (slab->Next != null)
        {
            slab->Next->Prev = slab->Prev;
        }

        Count--;
    }
}
