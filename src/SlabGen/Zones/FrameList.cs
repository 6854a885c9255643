namespace SlabGen.Zones;

/// <summary>
/// Page frames in a list, linked by their own <see cref="PageFrame.Next"/> and <see cref="PageFrame.Prev"/>: a frame is
/// on one list at most.
/// </summary>
/// <remarks>
/// Protected by the lock of the list's owner. Links are indexes into the frames of one zone. Every call gets a pointer
/// to the first of these.
/// </remarks>
internal unsafe struct FrameList()
{
    /// <summary>The first and the last frame, as indexes; <see cref="PageFrame.None"/> when there is none.</summary>
    public uint First = PageFrame.None, Last = PageFrame.None;

    /// <summary>The number of frames.</summary>
    public int Count;

    /// <summary>Makes that many empty lists.</summary>
    public static FrameList[] Make(int lists)
    {
        var made = new FrameList[lists];
        for (int i = 0; i < lists; i++)
        {
            made[i] = new FrameList();
        }

        return made;
    }

    public void AddFirst(PageFrame* frames, uint index)
    {
        (frames[index].Prev, frames[index].Next) = (PageFrame.None, First);
        if (First == PageFrame.None)
        {
            Last = index;
        }
        else
        {
            frames[First].Prev = index;
        }

        First = index;
        Count++;
    }

    public void AddLast(PageFrame* frames, uint index)
    {
        (frames[index].Prev, frames[index].Next) = (Last, PageFrame.None);
        if (Last == PageFrame.None)
        {
            First = index;
        }
        else
        {
            frames[Last].Next = index;
        }

        Last = index;
        Count++;
    }

    public void Remove(PageFrame* frames, uint index)
    {
        PageFrame* frame = &frames[index];
        if (frame->Prev == PageFrame.None)
        {
            First = frame->Next;
        }
        else
        {
            frames[frame->Prev].Next = frame->Next;
        }

        if (frame->Next == PageFrame.None)
        {
            Last = frame->Prev;
        }
        else
        {
            frames[frame->Next].Prev = frame->Prev;
        }

        Count--;
    }
}
