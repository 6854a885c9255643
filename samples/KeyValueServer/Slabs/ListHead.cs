using System.Runtime.CompilerServices;
using SlabGen;
using SlabGen.Collections;

namespace KeyValueServer.Slabs;

/// <summary>A list: linked both ways, so that both ends are near.</summary>
[SlabCache]
public struct ListHead
{
    public SlabLinkedList<Element, InList> Elements;
    public int Count;

    internal static bool TryCreate(out SlabPtr<ListHead> list)
    {
        if (!ListHeadCache.TryAlloc(out list))
        {
            return false;
        }

        list.Value = default;
        Blocks.Used += Unsafe.SizeOf<ListHead>();
        return true;
    }

    internal static void Free(SlabPtr<ListHead> list)
    {
        while (!list.Value.Elements.IsEmpty)
        {
            list.Value.Remove(list.Value.Elements.First);
        }

        Blocks.Used -= Unsafe.SizeOf<ListHead>();
        ListHeadCache.Free(list);
    }

    /// <returns>Whether there was memory.</returns>
    internal bool TryPush(bool first, ReadOnlySpan<byte> value)
    {
        if (!Element.TryCreate(value, out ElementPtr element))
        {
            return false;
        }

        if (first)
        {
            Elements.AddFirst(element);
        }
        else
        {
            Elements.AddLast(element);
        }

        Count++;
        return true;
    }

    internal void Remove(ElementPtr element)
    {
        Elements.Remove(element);
        Count--;
        Element.Free(element);
    }

    /// <summary>Finds an element by its index, from the nearer end.</summary>
    internal readonly ElementPtr At(int index)
    {
        ElementPtr element = index < Count / 2 ? Elements.First : Elements.Last;
        for (int i = 0; index < Count / 2 && i < index; i++)
        {
            element = SlabLinkedList<Element, InList>.NextOf(element);
        }

        for (int i = Count - 1; index >= Count / 2 && i > index; i--)
        {
            element = SlabLinkedList<Element, InList>.PreviousOf(element);
        }

        return element;
    }
}

/// <summary>An element of a list.</summary>
[SlabCache]
public struct Element
{
    public SlabLink Link; // in the list
    private nint _block;
    private int _length;

    internal readonly ReadOnlySpan<byte> Value => Blocks.Span(_block, _length);

    internal static bool TryCreate(ReadOnlySpan<byte> value, out ElementPtr element)
    {
        element = default;
        if (!Blocks.TryAlloc(value.Length, out nint block))
        {
            return false;
        }

        if (!ElementCache.TryAlloc(out SlabPtr<Element> made))
        {
            Blocks.Free(block, value.Length);
            return false;
        }

        Blocks.Used += Unsafe.SizeOf<Element>();
        made.Value = new Element { _block = block, _length = value.Length };
        value.CopyTo(Blocks.Span(block, value.Length));
        element = made;
        return true;
    }

    internal static void Free(ElementPtr element)
    {
        Blocks.Free(element.Value._block, element.Value._length);
        Blocks.Used -= Unsafe.SizeOf<Element>();
        ElementCache.Free(element);
    }
}

/// <summary>The list that runs through elements.</summary>
public readonly struct InList : ISlabLink<Element>
{
    public static ref SlabLink LinkOf(ref Element element) => ref element.Link;
}
