using SlabGen.Magazines;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests;

/// <summary>A thread's part of a Kmalloc in a field: it goes on while the thread's slots move, and belongs to that thread.</summary>
public sealed class KeptLocalTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_parser_that_keeps_one_allocates_and_frees(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096, isChecked);
        var parser = new Parser(runtime.Kmalloc);
        for (int round = 0; round < 50; round++)
        {
            parser.Parse();
            parser.Forget();
        }

        Assert.Equal((0, 0), (runtime.Kmalloc.Snapshot().LiveBlocks, runtime.Pages.CountUserBytes()));
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void In_checked_mode_every_call_of_a_second_thread_is_refused()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096, isChecked: true);
        Kmalloc.KeptLocal local = runtime.Kmalloc.KeepLocal();
        nint block = local.Alloc(64), large = local.Alloc(20_000);
        int owner = Environment.CurrentManagedThreadId;
        TestThreads.Run(1, _ =>
        {
            foreach (Action call in new Action[] { () => local.Alloc(64), () => local.TryAlloc(64, out nint none), () => local.Free(block), () => local.Alloc(20_000), () => local.Free(large), () => local.Alloc(0) })
            {
                string message = Assert.Throws<InvalidOperationException>(call).Message;
                Assert.Contains($"thread {owner},", message, StringComparison.Ordinal);
                Assert.Contains($"thread {Environment.CurrentManagedThreadId} called", message, StringComparison.Ordinal);
            }

            runtime.Kmalloc.Free(block); // the blocks are anybody's
        });
        local.Free(large);
        Assert.Equal((0, 0), (runtime.Kmalloc.Snapshot().LiveBlocks, runtime.Pages.CountUserBytes()));
    }

    [Fact]
    public void Else_a_second_thread_is_refused_off_the_fast_path()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        Kmalloc.KeptLocal local = runtime.Kmalloc.KeepLocal();
        TestThreads.Run(1, _ =>
        {
            Assert.Throws<InvalidOperationException>(() => local.Alloc(64)); // no magazine yet
            Assert.Throws<InvalidOperationException>(() => local.Alloc(20_000));
        });
    }

    [Fact]
    public void It_outlives_its_thread_and_its_instance()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        Kmalloc mine = runtime.CreateKmalloc("mine");
        Kmalloc.KeptLocal? kept = null;
        TestThreads.Run(1, _ =>
        {
            kept = mine.KeepLocal();
            kept.Free(kept.Alloc(64));
        });
        Assert.False(mine.Shrink()); // the dead thread's magazine is home, though its slots are held
        Assert.Throws<InvalidOperationException>(() => kept!.Alloc(64));
        Kmalloc.KeptLocal own = mine.KeepLocal();
        own.Free(own.Alloc(64));
        mine.Destroy();
        Assert.Throws<ObjectDisposedException>(() => own.Alloc(64));
        Assert.False(runtime.Kmalloc.TryAlloc(nuint.MaxValue, out _));
    }

    /// <summary>As its user writes it: a long-lived object of one thread.</summary>
    private sealed class Parser(Kmalloc kmalloc)
    {
        private readonly Kmalloc.KeptLocal _memory = kmalloc.KeepLocal();
        private readonly List<nint> _nodes = [];

        public void Parse()
        {
            for (int i = 0; i < 200; i++)
            {
                _nodes.Add(_memory.Alloc((nuint)(i * 37 % 10_000)));
                Assert.True(_memory.TryAlloc((nuint)i, out nint node));
                _nodes.Add(node);
            }
        }

        public void Forget()
        {
            _nodes.ForEach(_memory.Free);
            _nodes.Clear();
        }
    }
}
