using MatchingEngine.Classes;
using MatchingEngine.Slabs;
using SlabGen;

namespace MatchingEngine;

/// <summary>Both books get the same messages, and must tell and hold the same.</summary>
internal static class Check
{
    public static int Run(Options options)
    {
        Tape slabTape = new(), objectTape = new();
        using (var slabs = new SlabBook(slabTape, options.Resting))
        using (var objects = new ObjectBook(objectTape, options.Resting))
        {
            var generator = new MessageGenerator(options.Seed, options.Resting);
            var batch = new Message[1000];
            for (int done = 0; done < options.Messages; done += batch.Length)
            {
                Span<Message> messages = batch.AsSpan(0, Math.Min(batch.Length, options.Messages - done));
                generator.Fill(messages);
                slabs.Process(messages);
                objects.Process(messages);
                if (slabTape.OutOfMemory > 0)
                {
                    throw new SampleException(
                        $"out of memory within {done + messages.Length:N0} messages: the limit is {SlabRuntime.Default.MemoryLimit:N0} bytes", 3);
                }

                if (slabTape.Checksum != objectTape.Checksum)
                {
                    throw new SampleException($"the engines differ within messages {done:N0} to {done + messages.Length:N0} of seed {options.Seed}", 1);
                }
            }

            foreach (Side side in (ReadOnlySpan<Side>)[Side.Buy, Side.Sell])
            {
                if (!slabs.Resting(side).SequenceEqual(objects.Resting(side)))
                {
                    throw new SampleException(
                        $"the engines hold different orders of side {side} after {options.Messages:N0} messages of seed {options.Seed}", 1);
                }
            }

            Console.Out.WriteLine(
                $"{options.Messages:N0} messages, {slabTape.Trades:N0} trades, {slabTape.Refused:N0} refused, {slabs.Count:N0} orders rest: "
                + $"identical, checksum {slabTape.Checksum:x16}");
        }

        long left = Leftovers.Count();
        return left == 0 ? 0 : throw new SampleException($"{left:N0} objects were left in slabs", 1);
    }
}
