using CsCheck;

namespace SlabGen.Collections.Tests.Links;

/// <summary>
/// A list linked through its objects is a <see cref="LinkedList{T}"/>: it has the same after the same script, forwards and
/// backwards, in both modes; and what is done wrong with it is found as far as it says.
/// </summary>
public sealed class LinkedListTests
{
    private enum Operation
    {
        AddFirst,
        AddLast,
        AddBefore,
        AddAfter,
        Remove,
        RemoveFirst,
        RemoveLast,
        MoveToFirst,
        MoveToLast,
        Append,
        Clear,
    }

    private static readonly Gen<(Operation, int)[]> s_scripts = Gen.Select(
        Gen.Frequency(
            (40, Gen.Int[0, (int)Operation.MoveToLast].Select(i => (Operation)i)),
            (3, Gen.Const(Operation.Append)),
            (1, Gen.Const(Operation.Clear))),
        Gen.Int[0, 1000]).Array[1, 120];

    [Fact]
    public void A_list_is_a_list() => Gen.Select(Gen.Bool, s_scripts).Sample(Run, iter: 200);

    private static void Run(bool isChecked, (Operation, int)[] script)
    {
        using var nodes = new Nodes(isChecked);
        var all = new List<SlabPtr<Node>>();
        SlabLinkedList<Node, InOrder> list = default, other = default;
        var model = new LinkedList<nint>();
        foreach ((Operation operation, int number) in script)
        {
            LinkedListNode<nint>? place = At(model, number);
            switch (operation)
            {
                case Operation.AddFirst:
                    list.AddFirst(New());
                    model.AddFirst(all[^1].Address);
                    break;
                case Operation.AddLast:
                    list.AddLast(New());
                    model.AddLast(all[^1].Address);
                    break;
                case Operation.AddBefore when place is not null:
                    list.AddBefore(new(place.Value), New());
                    model.AddBefore(place, all[^1].Address);
                    break;
                case Operation.AddAfter when place is not null:
                    list.AddAfter(new(place.Value), New());
                    model.AddAfter(place, all[^1].Address);
                    break;
                case Operation.Remove when place is not null:
                    list.Remove(new(place.Value));
                    model.Remove(place);
                    break;
                case Operation.RemoveFirst:
                    nint first = model.First?.Value ?? 0;
                    Assert.Equal(first != 0, list.TryRemoveFirst(out SlabPtr<Node> removed));
                    Assert.Equal(first, removed.Address);
                    model.Remove(first);
                    break;
                case Operation.RemoveLast:
                    nint last = model.Last?.Value ?? 0;
                    Assert.Equal(last != 0, list.TryRemoveLast(out removed));
                    Assert.Equal(last, removed.Address);
                    model.Remove(last);
                    break;
                case Operation.MoveToFirst when place is not null:
                    list.MoveToFirst(new(place.Value));
                    model.Remove(place);
                    model.AddFirst(place);
                    break;
                case Operation.MoveToLast when place is not null:
                    list.MoveToLast(new(place.Value));
                    model.Remove(place);
                    model.AddLast(place);
                    break;
                case Operation.Append:
                    for (int i = 0; i < number % 4; i++)
                    {
                        other.AddLast(New());
                        model.AddLast(all[^1].Address);
                    }

                    list.Append(ref other);
                    Assert.True(other.IsEmpty);
                    break;
                case Operation.Clear:
                    list.Clear();
                    model.Clear();
                    break;
            }

            Check(list, model);
        }

        all.ForEach(nodes.Free);

        SlabPtr<Node> New()
        {
            all.Add(nodes.New(all.Count));
            return all[^1];
        }
    }

    private static LinkedListNode<nint>? At(LinkedList<nint> model, int number)
    {
        LinkedListNode<nint>? node = model.First;
        for (int i = 0; model.Count > 0 && i < number % model.Count; i++)
        {
            node = node!.Next;
        }

        return node;
    }

    private static void Check(in SlabLinkedList<Node, InOrder> list, LinkedList<nint> model)
    {
        var there = new List<nint>();
        foreach (SlabPtr<Node> item in list)
        {
            there.Add(item.Address);
        }

        Assert.Equal(model, there);
        there.Clear();
        for (SlabPtr<Node> item = list.Last; !item.IsNull; item = SlabLinkedList<Node, InOrder>.PreviousOf(item))
        {
            there.Add(item.Address);
        }

        Assert.Equal(model.Reverse(), there);
        Assert.Equal(model.Count, list.Count());
        Assert.Equal(model.Count == 0, list.IsEmpty);
    }

    [Fact]
    public void An_object_is_in_two_lists_at_once()
    {
        using var nodes = new Nodes(isChecked: true);
        SlabLinkedList<Node, InOrder> order = default;
        SlabLinkedList<Node, InKind> even = default;
        for (int i = 0; i < 10; i++)
        {
            SlabPtr<Node> node = nodes.New(i);
            order.AddLast(node);
            if (i % 2 == 0)
            {
                even.AddFirst(node);
            }
        }

        int sum = 0;
        while (even.TryRemoveLast(out SlabPtr<Node> node))
        {
            sum = (sum * 10) + node.Value.Number;
            order.Remove(node);
            nodes.Free(node);
        }

        Assert.Equal(2468, sum);
        Assert.Equal(5, order.Count());
        foreach (SlabPtr<Node> node in order)
        {
            order.Remove(node); // the current one may go
            nodes.Free(node);
        }

        Assert.True(order.IsEmpty);
    }

    [Fact]
    public void Wrong_objects_are_refused_and_nothing_is_changed()
    {
        using var nodes = new Nodes(isChecked: false);
        SlabLinkedList<Node, InOrder> list = default, other = default;
        SlabPtr<Node> first = nodes.New(1), middle = nodes.New(2), last = nodes.New(3), alone = nodes.New(4), stray = nodes.New(5);
        list.AddLast(first);
        list.AddLast(middle);
        list.AddLast(last);
        other.AddLast(alone);
        Assert.Contains("not in this list", Assert.Throws<InvalidOperationException>(() => list.Remove(stray)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => list.Remove(alone));
        Assert.Throws<InvalidOperationException>(() => list.MoveToFirst(alone));
        Assert.Throws<InvalidOperationException>(() => other.Remove(last));
        Assert.Throws<InvalidOperationException>(() => list.AddLast(last));
        Assert.Throws<InvalidOperationException>(() => list.AddFirst(first));
        Assert.Throws<InvalidOperationException>(() => list.Append(ref list));
        Assert.Throws<NullReferenceException>(() => list.AddLast(default));
        list.Remove(middle);
        Assert.Throws<InvalidOperationException>(() => list.Remove(middle)); // once more
        Assert.Equal(2, list.Count());
        list.AddAfter(first, middle);
        Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (SlabPtr<Node> node in list)
            {
                if (node == first)
                {
                    list.MoveToLast(middle); // what is next
                }
            }
        });
        foreach (SlabPtr<Node> node in (ReadOnlySpan<SlabPtr<Node>>)[first, middle, last, alone, stray])
        {
            nodes.Free(node);
        }
    }

    /// <summary>The kernel's heads point at themselves; this one must not, or the collector would leave pointers behind.</summary>
    [Fact]
    public void A_head_in_a_class_may_move()
    {
        using var nodes = new Nodes(isChecked: true);
        var heads = new Head[1000];
        for (int i = 0; i < heads.Length; i++)
        {
            _ = new byte[100];
            heads[i] = new Head();
            heads[i].List.AddLast(nodes.New(i));
        }

        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        foreach (Head head in heads)
        {
            SlabPtr<Node> node = head.List.First;
            head.List.Remove(node);
            nodes.Free(node);
        }
    }

    private sealed class Head
    {
        public SlabLinkedList<Node, InOrder> List;
    }
}
