namespace SlabGen.Magazines;

/// <summary>
/// The full magazines in the depot that one thread cache put there, by age. Under the depot's lock.
/// </summary>
internal sealed class Shelf
{
    private unsafe Magazine* _newest, _oldest;

    public int Count { get; private set; }

    /// <summary>The magazine that was put here last. <see cref="Magazine.Older"/> leads to the others.</summary>
    public unsafe Magazine* Newest => _newest;

    /// <summary>The index among the depot's shelves that are not empty, or -1.</summary>
    public int Index { get; set; } = -1;

    public unsafe void Push(Magazine* magazine)
    {
        magazine->Newer = null;
        magazine->Older = _newest;
        if (_newest == null)
        {
            _oldest = magazine;
        }
        else
        {
            _newest->Newer = magazine;
        }

        _newest = magazine;
        Count++;
    }

    /// <summary>Takes the magazine that was put here last. The shelf is not empty.</summary>
    public unsafe Magazine* PopNewest()
    {
        Magazine* magazine = _newest;
        _newest = magazine->Older;
        if (_newest == null)
        {
            _oldest = null;
        }
        else
        {
            _newest->Newer = null;
        }

        Count--;
        return magazine;
    }

    /// <summary>Takes the magazine that has been here longest. The shelf is not empty.</summary>
    public unsafe Magazine* PopOldest()
    {
        Magazine* magazine = _oldest;
        _oldest = magazine->Newer;
        if (_oldest == null)
        {
            _newest = null;
        }
        else
        {
            _oldest->Older = null;
        }

        Count--;
        return magazine;
    }
}
