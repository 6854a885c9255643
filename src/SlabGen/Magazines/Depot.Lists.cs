using SlabGen.Metadata;

namespace SlabGen.Magazines;

// The lists of a depot. Everything here is under its lock.
internal sealed partial class Depot
{
    private unsafe void FreeEmptiesLocked()
    {
        while (_empties != null)
        {
            FreeMagazine(PopEmpty());
        }
    }

    private unsafe void Put(Shelf shelf, Magazine* full)
    {
        if (shelf.Index < 0)
        {
            _shelves.Add(shelf); // there is room, because the caller made some
            shelf.Index = _shelves.Count - 1;
        }

        shelf.Push(full);
    }

    /// <summary>Takes a shelf that has become empty off the list.</summary>
    private void Unlist(Shelf shelf)
    {
        if (shelf.Count > 0 || shelf.Index < 0)
        {
            return;
        }

        Shelf last = _shelves[^1];
        _shelves[shelf.Index] = last;
        last.Index = shelf.Index;
        _shelves.RemoveAt(_shelves.Count - 1);
        shelf.Index = -1;
    }

    private unsafe Magazine* TakeEmpty()
    {
        if (pools.Faults.Fails(FaultPoint.Magazines))
        {
            return null;
        }

        if (_empties != null)
        {
            return PopEmpty();
        }

        Magazine* magazine = (Magazine*)_pool.TryAlloc();
        if (magazine != null)
        {
            (magazine->Count, magazine->Capacity) = (0, Rounds);
        }

        return magazine;
    }

    private unsafe Magazine* PopEmpty()
    {
        Magazine* magazine = _empties;
        _empties = magazine->Older;
        _emptyMin = Math.Min(_emptyMin, --EmptyCount);
        return magazine;
    }

    private unsafe void CountFullTaken(Magazine* full)
    {
        _fullMin = Math.Min(_fullMin, FullCount);
        CountObjects(-full->Count);
    }

    private bool HasRoomFor(int objects) =>
        FullObjects + objects <= maxObjects
            && (budget is null || budget.HasRoom((FullObjects + objects) * objectSize));

    private void CountObjects(int objects)
    {
        FullObjects += objects;
        budget?.CountInDepots((long)objects * objectSize);
    }

    private unsafe void PutEmpty(Magazine* magazine)
    {
        if (EmptyCount >= MaxEmpty || magazine->Capacity != Rounds)
        {
            FreeMagazine(magazine);
            return;
        }

        magazine->Count = 0;
        magazine->Older = _empties;
        _empties = magazine;
        EmptyCount++;
    }

    private unsafe void FreeMagazine(Magazine* magazine)
    {
        MetadataPool pool = magazine->Capacity == Rounds ? _pool : pools.For(Magazine.BytesFor(magazine->Capacity));
        pool.Free(magazine);
    }
}
