using System.Diagnostics;
using HdrHistogram;
using MatchingEngine.Classes;
using MatchingEngine.Slabs;
using SlabGen;

namespace MatchingEngine.Measuring;

/// <summary>
/// Runs one engine: a warm-up, until the JIT has optimised it; a pass for throughput, pauses and memory; and a pass for
/// latency, because a clock around each message costs a good part of what it measures. Each pass has a book of its own.
/// </summary>
internal sealed class Measurement
{
    private const int BatchLength = 2048; // messages between two looks at the collector
    private const int BatchesBetweenLooksAtMemory = 32;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(700);

    private readonly Options _options;
    private readonly Message[] _batch = new Message[BatchLength];

    private Measurement(Options options) => _options = options;

    public static Report Run(Options options) => new Measurement(options).Run();

    private Report Run()
    {
        WarmUp();
        Throughput throughput = MeasureThroughput(out Tape tape, out int resting);
        LongHistogram latency = MeasureLatency(out Tape second);
        long left = Leftovers.Count();
        if (tape.OutOfMemory + second.OutOfMemory is > 0 and long unserved)
        {
            throw new SampleException(
                $"out of memory: {unserved:N0} orders could not rest within {SlabRuntime.Default.MemoryLimit:N0} bytes; {left:N0} objects were left in slabs", 3);
        }

        if (tape.Checksum != second.Checksum)
        {
            throw new SampleException($"two passes over the same messages differ: {tape.Checksum:x16} and {second.Checksum:x16}", 1);
        }

        return new Report
        {
            Variant = _options.Gc ? "classes" : "slabs",
            Messages = _options.Messages,
            Built = _options.Resting,
            Seed = _options.Seed,
            Resting = resting,
            Trades = tape.Trades,
            Volume = tape.Volume,
            Refused = tape.Refused,
            Checksum = $"{tape.Checksum:x16}",
            MessagesPerSecond = _options.Messages / Stopwatch.GetElapsedTime(0, throughput.Ticks).TotalSeconds,
            P50 = Nanoseconds(latency.GetValueAtPercentile(50)),
            P99 = Nanoseconds(latency.GetValueAtPercentile(99)),
            P9999 = Nanoseconds(latency.GetValueAtPercentile(99.99)),
            Longest = Nanoseconds(latency.GetMaxValue()),
            PauseTotal = (long)throughput.PauseTotal.TotalNanoseconds,
            PauseLongest = (long)throughput.PauseLongest.TotalNanoseconds,
            Collections = throughput.Collections,
            AllocatedBytes = throughput.AllocatedBytes,
            ResidentBytes = throughput.ResidentBytes,
            ResidentBefore = throughput.ResidentBefore,
            SlabObjectsLeft = left,
            Debug = OrderCache.Cache.Snapshot().IsChecked,
        };
    }

    private void WarmUp()
    {
        long start = Stopwatch.GetTimestamp();
        var histogram = NewHistogram();
        do
        {
            using IOrderBook book = NewBook(new Tape(), 10_000);
            var generator = new MessageGenerator(_options.Seed, 10_000);
            for (int i = 0; i < 50; i++)
            {
                generator.Fill(_batch);
                if (i % 2 == 0)
                {
                    book.Process(_batch);
                }
                else
                {
                    ProcessTimed(book, _batch, histogram);
                }
            }
        }
        while (Stopwatch.GetElapsedTime(start) < s_warmUp);
    }

    private Throughput MeasureThroughput(out Tape tape, out int resting)
    {
        GC.Collect();
        var result = new Throughput { ResidentBefore = Environment.WorkingSet };
        tape = new Tape();
        using IOrderBook book = NewBook(tape, _options.Resting);
        var generator = new MessageGenerator(_options.Seed, _options.Resting);
        int collections = GC.CollectionCount(0);
        TimeSpan pausesBefore = GC.GetTotalPauseDuration();
        TimeSpan pauses = pausesBefore;
        int batches = 0;

        for (int done = 0; done < _options.Messages;)
        {
            ReadOnlySpan<Message> messages = NextBatch(generator, ref done);
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            book.Process(messages);
            result.Ticks += Stopwatch.GetTimestamp() - start;
            result.AllocatedBytes += GC.GetAllocatedBytesForCurrentThread() - bytes;

            TimeSpan now = GC.GetTotalPauseDuration();
            result.PauseLongest = now - pauses > result.PauseLongest ? now - pauses : result.PauseLongest;
            pauses = now;
            if (batches++ % BatchesBetweenLooksAtMemory == 0 || done == _options.Messages)
            {
                result.ResidentBytes = Math.Max(result.ResidentBytes, Environment.WorkingSet);
            }
        }

        result.PauseTotal = pauses - pausesBefore;
        result.Collections = GC.CollectionCount(0) - collections;
        resting = book.Count;
        return result;
    }

    private LongHistogram MeasureLatency(out Tape tape)
    {
        LongHistogram histogram = NewHistogram();
        tape = new Tape();
        using IOrderBook book = NewBook(tape, _options.Resting);
        var generator = new MessageGenerator(_options.Seed, _options.Resting);
        GC.Collect();
        for (int done = 0; done < _options.Messages;)
        {
            ProcessTimed(book, NextBatch(generator, ref done), histogram);
        }

        return histogram;
    }

    private static void ProcessTimed(IOrderBook book, ReadOnlySpan<Message> messages, LongHistogram histogram)
    {
        foreach (ref readonly Message message in messages)
        {
            long start = Stopwatch.GetTimestamp();
            book.Process(message);
            histogram.RecordValue(Stopwatch.GetTimestamp() - start);
        }
    }

    private Span<Message> NextBatch(MessageGenerator generator, ref int done)
    {
        Span<Message> messages = _batch.AsSpan(0, Math.Min(BatchLength, _options.Messages - done));
        generator.Fill(messages);
        done += messages.Length;
        return messages;
    }

    private IOrderBook NewBook(Tape tape, int capacity) => _options.Gc ? new ObjectBook(tape, capacity) : new SlabBook(tape, capacity);

    private static LongHistogram NewHistogram() => new(Stopwatch.Frequency * 600, 3);

    private static long Nanoseconds(long ticks) => (long)(ticks * (1e9 / Stopwatch.Frequency));

    private sealed class Throughput
    {
        public long Ticks { get; set; }

        public long AllocatedBytes { get; set; }

        public TimeSpan PauseLongest { get; set; }

        public TimeSpan PauseTotal { get; set; }

        public int Collections { get; set; }

        public long ResidentBytes { get; set; }

        public long ResidentBefore { get; set; }
    }
}
