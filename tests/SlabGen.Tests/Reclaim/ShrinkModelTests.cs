using System.Numerics;
using CsCheck;

namespace SlabGen.Tests.Reclaim;

/// <summary>Random passes against the kernel's loop, written down once more over numbers of any size.</summary>
public sealed class ShrinkModelTests
{
    private enum Reply
    {
        All,
        Half,
        Twice,
        Stop,
    }

    [Fact]
    public void RandomPasses_ScanAndDeferAsTheModel() => Gen.Select(
        Gen.OneOf(Gen.Int[0, 10], Gen.Const(int.MaxValue)),
        Gen.Select(Gen.Long[1, long.MaxValue], Gen.Int[0, 62], (x, bits) => Math.Max(1, x >> bits)),
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Int[0, 62], Gen.Int[0, 12], Gen.Int[0, 1]).Array[1, 20],
        Gen.Enum<Reply>().Array[1, 10])
        .Sample((seeks, batch, passes, replies) =>
        {
            int scan = 0;
            var shrinker = new TestShrinker("random", seeks, batch)
            {
                OnScan = (ref ShrinkControl control) =>
                {
                    (long scanned, long result) = Answer(replies[scan++ % replies.Length], control.ToScan);
                    control.Scanned = scanned;
                    return result;
                },
            };
            var registry = new ShrinkerRegistry();
            registry.Register(shrinker);
            BigInteger[] deferred = [0, 0];
            int modelScan = 0;

            foreach ((long objects, int bits, int priority, int node) in passes)
            {
                shrinker.Freeable = (long)BigInteger.Min(objects >> bits, (BigInteger)batch * 200); // not too many scans
                var scans = new List<long>();
                BigInteger freed = Model(shrinker, priority, ref deferred[node], scans, toScan => Answer(replies[modelScan++ % replies.Length], toScan));

                Assert.Equal(Saturate(freed), registry.Shrink(GfpFlags.Kernel, node, priority));
                Assert.Equal(scans, shrinker.TakeScanSizes());
                Assert.Equal(deferred[node], shrinker.Deferred(node));
                Assert.True(shrinker.Freeable == 0 || shrinker.Deferred(node) <= (BigInteger)shrinker.Freeable * 2);
            }
        }, iter: 3000);

    /// <summary>How many objects a scan looks at, and its result.</summary>
    private static (long Scanned, long Result) Answer(Reply reply, long toScan) => reply switch
    {
        Reply.All => (toScan, toScan),
        Reply.Half => (toScan / 2, toScan / 4),
        Reply.Twice => (toScan <= long.MaxValue / 2 ? toScan * 2 : long.MaxValue, toScan),
        _ => (toScan, Shrinker.Stop),
    };

    private static BigInteger Model(
        TestShrinker shrinker, int priority, ref BigInteger deferred, List<long> scans, Func<long, (long Scanned, long Result)> scan)
    {
        BigInteger freeable = shrinker.Freeable;
        if (freeable == 0)
        {
            return 0;
        }

        BigInteger power = BigInteger.Pow(2, priority);
        BigInteger delta = shrinker.Seeks == 0 ? freeable / 2 : freeable / power * 4 / shrinker.Seeks;
        BigInteger left = BigInteger.Min((deferred / power) + delta, freeable * 2);
        BigInteger scanned = 0, freed = 0;
        while (left >= shrinker.Batch || left >= freeable)
        {
            scans.Add((long)BigInteger.Min(shrinker.Batch, left));
            (long looked, long result) = scan(scans[^1]);
            if (result == Shrinker.Stop)
            {
                break;
            }

            freed += result;
            left -= looked;
            scanned += looked;
            if (looked == 0)
            {
                break;
            }
        }

        deferred = Saturate(BigInteger.Min(BigInteger.Max(deferred + delta - scanned, 0), freeable * 2));
        return freed;
    }

    private static long Saturate(BigInteger value) => (long)BigInteger.Min(value, long.MaxValue);
}
