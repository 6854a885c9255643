using System.Runtime.CompilerServices;
using static SlabGen.Tests.Checking.Lettered;

namespace SlabGen.Tests.Checking;

/// <summary>What a report says of bytes that were written over, in what shape, and who is told.</summary>
public sealed class DamageReportTests
{
    [Fact]
    public void A_report_of_a_red_zone_has_the_kernels_shape()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.RedZones | SlabDebug.Poison);
        KmemCache cache = runtime.CreateCache("o", 20, new SlabCacheOptions { Coloring = false });
        nint one = cache.Alloc();
        Bytes(one, 20).Fill((byte)'a');
        Write(one + 21, 0x41);
        Write(one + 22, 0x42);
        SlabException error = Assert.Throws<SlabException>(() => cache.Free(one));
        Assert.Equal($"Cache 'o': 0x{one + 21:x} was written over, 2 bytes behind the last of the live object at 0x{one:x}: 0x41 instead of 0xcc, and more up to 0x{one + 22:x}. The object was taken back.", error.Message);
        SlabReport report = error.Report!;
        Assert.Equal((one, 20, 21L), (report.ObjectAddress, report.ObjectSize, report.Offset));
        Assert.Equal([0xcc, 0xcc], report.Expected.ToArray());
        Assert.Equal([0x41, 0x42], report.Found.ToArray());
        Assert.Null(report.Allocated);
        nint start = runtime.Describe(one).Slab;
        Assert.Equal(
            $"""
            =============================================================================
            BUG o: Right Redzone overwritten
            -----------------------------------------------------------------------------

            0x{one + 21:x}-0x{one + 22:x} @offset={one + 21 - start}. First byte 0x41 instead of 0xcc
            Slab 0x{start:x} objects=128 size=32
            Object 0x{one:x} @offset={one - start}: live

            Redzone  {one - 8:x16}: cc cc cc cc cc cc cc cc                          ........
            Object   {one:x16}: 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61  aaaaaaaaaaaaaaaa
            Object   {one + 16:x16}: 61 61 61 61                                      aaaa
            Redzone  {one + 20:x16}: cc 41 42 cc                                      .AB.
            """,
            report.Text.TrimEnd(), ignoreLineEndingDifferences: true);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void With_users_it_says_who_allocated_and_who_freed()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Full);
        KmemCache cache = runtime.CreateCache("o", 64);
        DateTimeOffset before = DateTimeOffset.UtcNow;
        nint one = Taken(cache);
        cache.FreeBulk(new[] { cache.Alloc() });
        Freed(cache, one);
        Write(one + 50, 0x9a);
        SlabReport report = Report(() => cache.Alloc(), SlabFault.UseAfterFree);
        Assert.Equal((one, 50L), (report.ObjectAddress, report.Offset));
        Assert.Equal([0x9a], report.Found.ToArray());
        Assert.Equal([0x6b], report.Expected.ToArray());
        Assert.Contains(nameof(Taken), report.Allocated?.Stack, StringComparison.Ordinal);
        Assert.Contains(nameof(Freed), report.Freed?.Stack, StringComparison.Ordinal);
        Assert.Equal(Environment.CurrentManagedThreadId, report.Allocated!.ThreadId);
        Assert.InRange(report.Allocated.Time, before, report.Freed!.Time);
        Assert.Contains($"{Environment.NewLine}Allocated by thread {Environment.CurrentManagedThreadId} at ", report.Text, StringComparison.Ordinal);
        Assert.Contains("Freed by thread", report.Text, StringComparison.Ordinal);

        one = Taken(cache);
        Freed(cache, one);
        report = Report(() => cache.Free(one), SlabFault.DoubleFree);
        Assert.Contains(nameof(Freed), report.Freed?.Stack, StringComparison.Ordinal);
        TestRuntime.CheckHealth(runtime);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint Taken(KmemCache cache) => cache.Alloc();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Freed(KmemCache cache, nint one) => cache.Free(one);

    /// <summary>What is wrong is repaired, nothing is lost, and the next call is served.</summary>
    [Fact]
    public void A_bulk_in_which_one_was_written_after_its_free_takes_none_and_the_next_takes_all()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Full);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[10];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects);
        Write(objects[6] + 3, 0);
        Report(() => cache.AllocBulk(new nint[10]), SlabFault.UseAfterFree);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
        cache.AllocBulk(objects);
        Write(objects[2] - 1, 0);
        Report(() => cache.FreeBulk(objects), SlabFault.OutOfBounds);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void What_was_written_until_a_slab_goes_or_a_grace_period_has_passed_is_told_later()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Full);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint one = cache.Alloc();
        using (Rcu.Read())
        {
            cache.FreeDeferred(one);
            Write(one - 1, 1);
            Write(one + 5, 1); // what readers look at may still change: that is the user's affair
        }

        Rcu.Barrier();
        Report(() => cache.Shrink(), SlabFault.OutOfBounds);
        one = cache.Alloc();
        Write(one + 64, 1);
        Report(() => cache.FreeDeferred(one), SlabFault.OutOfBounds);
        Rcu.Barrier();
        one = cache.Alloc();
        cache.Free(one);
        Write(one + 5, 1);
        Report(() => cache.Shrink(), SlabFault.UseAfterFree);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Handlers_are_told_once_before_the_error_is_thrown_and_what_they_throw_comes_later()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Full);
        string name = $"told-{Guid.NewGuid():n}";
        KmemCache cache = runtime.CreateCache(name, 64);
        List<SlabReport> told = [];
        bool throws = false;
        SlabRuntime.MisuseFound += Note;
        try
        {
            nint one = cache.Alloc();
            Write(one + 64, 1);
            Assert.Same(Report(() => cache.Free(one), SlabFault.OutOfBounds), Assert.Single(told));
            throws = true;
            Report(() => cache.Free(one), SlabFault.DoubleFree);
            Assert.Equal(2, told.Count);
            Assert.Throws<FormatException>(() => cache.Shrink());
            cache.Shrink();
            throws = false;
            using SlabRuntime fast = TestRuntime.OfPages(256);
            KmemCache other = fast.CreateCache(name, 64);
            one = other.Alloc();
            other.Free(one);
            other.Free(one);
            SlabException late = Assert.Throws<SlabException>(() => other.Shrink());
            Assert.Equal((3, SlabFault.DoubleFree, late.Message), (told.Count, told[2].Fault, told[2].Text));
        }
        finally
        {
            SlabRuntime.MisuseFound -= Note;
        }

        void Note(SlabReport report)
        {
            if (report.CacheName == name)
            {
                told.Add(report);
                try
                {
                    cache.Free(report.ObjectAddress); // wrong, and not told again
                }
                catch (SlabException)
                {
                }

                if (throws)
                {
                    throw new FormatException("of a handler");
                }
            }
        }
    }

    [Fact]
    public void A_trace_has_a_line_for_each_call_and_its_writer_may_use_the_cache_or_throw()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.None);
        string name = $"traced-{Guid.NewGuid():n}";
        KmemCache cache = runtime.CreateCache(name, 64, new SlabCacheOptions { Debug = SlabDebug.Trace });
        Assert.Equal(64, cache.SlotSize);
        TextWriter? before = SlabRuntime.TraceWriter;
        using var lines = new Lines(cache);
        SlabRuntime.TraceWriter = lines;
        try
        {
            nint one = cache.Alloc(), two = cache.Alloc();
            cache.FreeBulk([one, two]);
            int thread = Environment.CurrentManagedThreadId;
            Assert.Equal(
                [$"TRACE {name} alloc 0x{one:x} thread {thread}", $"TRACE {name} alloc 0x{two:x} thread {thread}", $"TRACE {name} free 0x{one:x} thread {thread}", $"TRACE {name} free 0x{two:x} thread {thread}"],
                lines.Written.Where(line => line.Contains(name, StringComparison.Ordinal)));
            lines.Throws = true;
            one = cache.Alloc();
            lines.Throws = false;
            Assert.Throws<FormatException>(() => cache.Shrink());
            cache.Free(one);
        }
        finally
        {
            SlabRuntime.TraceWriter = before;
        }

        TestRuntime.CheckHealth(runtime);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    private sealed class Lines(KmemCache cache) : StringWriter
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Written { get; } = [];

        public bool Throws { get; set; }

        public override void WriteLine(string? value)
        {
            cache.Free(cache.Alloc());
            Written.Enqueue(value!);
            if (Throws)
            {
                throw new FormatException("of the writer");
            }
        }
    }
}
