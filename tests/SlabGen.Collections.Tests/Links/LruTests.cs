using CsCheck;

namespace SlabGen.Collections.Tests.Links;

/// <summary>
/// An LRU holds what a plain list with marks would, after the same script, in both modes; its bounds hold; and it evicts where
/// memory is short, unless its lock is held.
/// </summary>
public sealed class LruTests
{
    private static readonly Gen<(int, int)[]> s_scripts = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 400]).Array[1, 200];

    [Fact]
    public void An_lru_is_an_lru() =>
        Gen.Select(Gen.Bool, Gen.Int[1, 40], Gen.Int[1, 900], s_scripts).Sample(Run, iter: 200);

    private static void Run(bool isChecked, int maxObjects, int maxBytes, (int, int)[] script)
    {
        using var nodes = new Nodes(isChecked);
        var model = new Model(maxObjects, maxBytes);
        var live = new Dictionary<int, SlabPtr<Node>>();
        using var lru = new SlabLru<Node, InLru>(Evict, new() { MaxObjects = maxObjects, MaxBytes = maxBytes, Runtime = nodes.Runtime });
        int made = 0;
        foreach ((int operation, int number) in script)
        {
            int? some = model.Items.Count == 0 ? null : model.Items[number % model.Items.Count].Number;
            switch (operation)
            {
                case < 4:
                    live.Add(made, nodes.New(made, number % 100));
                    lru.Add(live[made]);
                    model.Add(made++, number % 100);
                    break;
                case < 6 when some is { } used:
                    lru.Use(live[used]);
                    model.Find(used).Used = true;
                    break;
                case 6 when some is { } moved:
                    lru.MoveToFirst(live[moved]);
                    model.MoveToFirst(model.Find(moved));
                    break;
                case 7 when some is { } removed:
                    lru.Remove(live[removed]);
                    model.Items.Remove(model.Find(removed));
                    nodes.Free(live[removed]);
                    live.Remove(removed);
                    break;
                case 8 when some is { } resized:
                    int more = (number % 100) - live[resized].Value.Size;
                    live[resized].Value.Size += more;
                    lru.Resized(live[resized], more);
                    model.Find(resized).Size += more;
                    model.Trim(model.Find(resized));
                    break;
                case 9:
                    Assert.Equal(model.TryEvict(), lru.TryEvict());
                    break;
            }

            var there = new List<int>();
            foreach (SlabPtr<Node> item in lru)
            {
                there.Add(item.Value.Number);
            }

            Assert.Equal(model.Items.Select(item => item.Number), there);
            Assert.Equal(model.Items.Count, lru.Count);
            Assert.Equal(model.Items.Sum(item => item.Size), lru.Bytes);
            Assert.Equal(model.Evicted, lru.Evicted);
            Assert.Equal(there.Count, live.Count);
        }

        while (lru.TryEvict())
        {
        }

        void Evict(SlabPtr<Node> item)
        {
            Assert.True(live.Remove(item.Value.Number));
            nodes.Free(item);
        }
    }

    [Fact]
    public void Marked_objects_stay_longer_and_not_for_ever()
    {
        using var nodes = new Nodes(isChecked: true);
        var evicted = new List<int>();
        using var lru = new SlabLru<Node, InPlainLru>(Evict, new() { MaxObjects = 100, Runtime = nodes.Runtime });
        for (int i = 0; i < 100; i++)
        {
            lru.Add(nodes.New(i));
        }

        foreach (SlabPtr<Node> item in lru)
        {
            item.Value.Used = item.Value.Number is < 5 or > 20; // as Use would
        }

        lru.Add(nodes.New(100));
        Assert.Equal([5], evicted); // the oldest five were spared
        for (int i = 0; i < 1000; i++)
        {
            lru.Add(nodes.New(200 + i));
            lru.Use(lru.First);
        }

        Assert.Equal(100, lru.Count);
        while (lru.TryEvict())
        {
        }

        void Evict(SlabPtr<Node> item)
        {
            evicted.Add(item.Value.Number);
            nodes.Free(item);
        }
    }

    [Fact]
    public void A_runtime_that_is_short_of_memory_evicts_unless_the_lock_is_held()
    {
        using var nodes = new Nodes(isChecked: true);
        var gate = new Lock();
        using var lru = new SlabLru<Node, InPlainLru>(nodes.Free, new() { Lock = gate, Runtime = nodes.Runtime });
        lock (gate)
        {
            for (int i = 0; i < 5000; i++)
            {
                lru.Add(nodes.New(i));
            }

            nodes.Runtime.DropCaches();
            Assert.Equal(5000, lru.Count);
        }

        nodes.Runtime.DropCaches();
        Assert.InRange(lru.Evicted, 1, 5000);
        lock (gate)
        {
            while (lru.TryEvict())
            {
            }
        }
    }

    [Fact]
    public void Misuse_is_found_in_checked_mode()
    {
        using var nodes = new Nodes(isChecked: true);
        var gate = new Lock();
        var locked = new SlabLru<Node, InLru>(nodes.Free, new() { Lock = gate, Runtime = nodes.Runtime });
        SlabPtr<Node> node = nodes.New(1);
        Assert.Contains("without its lock", Assert.Throws<InvalidOperationException>(() => locked.Add(node)).Message, StringComparison.Ordinal);
        locked.Dispose();
        locked.Dispose();
        Assert.Throws<ObjectDisposedException>(() => locked.TryEvict());

        SlabLru<Node, InLru>? lru = null;
        Exception? fromOther = null;
        using (lru = new SlabLru<Node, InLru>(OnEvict, new() { Runtime = nodes.Runtime }))
        {
            lru.Add(node);
            Assert.Throws<InvalidOperationException>(() => lru.Add(node)); // it is there
            Assert.Throws<InvalidOperationException>(() =>
            {
                foreach (SlabPtr<Node> item in lru)
                {
                    lru.Remove(item);
                }
            });
            Assert.Throws<InvalidOperationException>(() => lru.Remove(node)); // it was removed
            lru.Add(node);
            Assert.True(lru.TryEvict());
            Assert.IsType<InvalidOperationException>(fromOther);
        }

        void OnEvict(SlabPtr<Node> item)
        {
            Assert.Equal(0, lru!.Count); // the callback may use the list
            var other = new Thread(() => fromOther = Record.Exception(() => lru.TryEvict()));
            other.Start();
            other.Join();
            nodes.Free(item);
        }
    }

    [Fact]
    public void A_callback_that_throws_loses_nothing_else()
    {
        using var nodes = new Nodes(isChecked: true);
        using var lru = new SlabLru<Node, InLru>(item =>
        {
            nodes.Free(item);
            throw new FormatException();
        }, new() { MaxObjects = 2, Runtime = nodes.Runtime });
        lru.Add(nodes.New(0));
        lru.Add(nodes.New(1));
        Assert.Throws<FormatException>(() => lru.Add(nodes.New(2)));
        Assert.Equal(2, lru.Count);
        Assert.Throws<FormatException>(() => lru.TryEvict());
        Assert.Throws<FormatException>(() => lru.TryEvict());
        Assert.False(lru.TryEvict());
    }

    [Fact]
    public void Bad_bounds_are_named()
    {
        Assert.Contains("MaxObjects", Assert.Throws<ArgumentOutOfRangeException>(
            () => new SlabLru<Node, InLru>(_ => { }, new() { MaxObjects = 0 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabLru<Node, InLru>(_ => { }, new() { MaxBytes = -1 }));
        Assert.Throws<ArgumentNullException>(() => new SlabLru<Node, InLru>(null!));
    }

    [Fact]
    public void Use_makes_no_garbage()
    {
        using var nodes = new Nodes(isChecked: false);
        using var lru = new SlabLru<Node, InLru>(nodes.Free, new() { MaxObjects = 50, Runtime = nodes.Runtime });
        Turn();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Turn();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        while (lru.TryEvict())
        {
        }

        void Turn()
        {
            for (int i = 0; i < 1000; i++)
            {
                lru.Add(nodes.New(i, 10));
                lru.Use(lru.Last);
                lru.MoveToFirst(lru.Last);
            }
        }
    }

    /// <summary>What the list says it does, over a plain list.</summary>
    private sealed class Model(int maxObjects, int maxBytes)
    {
        public List<Item> Items { get; } = [];

        public int Evicted { get; private set; }

        public Item Find(int number) => Items.Single(item => item.Number == number);

        public void Add(int number, int size)
        {
            Items.Insert(0, new Item { Number = number, Size = size });
            Trim(Items[0]);
        }

        public void MoveToFirst(Item item)
        {
            Items.Remove(item);
            Items.Insert(0, item);
        }

        public void Trim(Item kept)
        {
            while (Items.Count > 1 && (Items.Count > maxObjects || Items.Sum(item => item.Size) > maxBytes))
            {
                Evict(kept);
            }
        }

        public bool TryEvict()
        {
            bool any = Items.Count > 0;
            if (any)
            {
                Evict(null);
            }

            return any;
        }

        private void Evict(Item? kept)
        {
            for (int spared = 0; Items[^1] == kept || (Items[^1].Used && spared < 16); spared++)
            {
                Items[^1].Used = false;
                MoveToFirst(Items[^1]);
            }

            Items.RemoveAt(Items.Count - 1);
            Evicted++;
        }

        public sealed class Item
        {
            public int Number, Size;
            public bool Used;
        }
    }
}
