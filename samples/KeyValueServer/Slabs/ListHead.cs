using System.Runtime.CompilerServices;
using SlabGen;

namespace KeyValueServer.Slabs;

/// <summary>A list: linked both ways, so that both ends are near.</summary>
[SlabCache]
public struct ListHead
{
    public ElementPtr First, Last;
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
        while (!list.Value.First.IsNull)
        {
            list.Value.Remove(list.Value.First);
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

        ref Element e = ref element.Value;
        (e.Previous, e.Next) = (first ? default : Last, first ? First : default);
        (e.Next.IsNull ? ref Last : ref e.Next.Value.Previous) = element;
        (e.Previous.IsNull ? ref First : ref e.Previous.Value.Next) = element;
        Count++;
        return true;
    }

    internal void Remove(ElementPtr element)
    {
        ref Element e = ref element.Value;
        (e.Previous.IsNull ? ref First : ref e.Previous.Value.Next) = e.Next;
        (e.Next.IsNull ? ref Last : ref e.Next.Value.Previous) = e.Previous;
        Count--;
        Element.Free(element);
    }

    /// <summary>Finds an element by its index, from the nearer end.</summary>
    internal readonly ElementPtr At(int index)
    {
        ElementPtr element = index < Count / 2 ? First : Last;
        for (int i = 0; index < Count / 2 && i < index; i++)
        {
            element = element.Value.Next;
        }

        for (int i = Count - 1; index >= Count / 2 && i > index; i--)
        {
            element = element.Value.Previous;
        }

        return element;
    }
}

/// <summary>An element of a list.</summary>
[SlabCache]
public struct Element
{
    public ElementPtr Previous, Next;
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
