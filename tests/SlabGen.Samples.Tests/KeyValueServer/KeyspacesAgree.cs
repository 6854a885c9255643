using KeyValueServer;
using KeyValueServer.Protocol;
using KeyValueServer.Slabs;

namespace SlabGen.Samples.Tests.KeyValueServer;

/// <summary>The keyspace over slabs and the one over objects do the same, and the slabs are empty at the end.</summary>
[Collection(Keyspaces.Name)]
public sealed class KeyspacesAgree
{
    [Theory]
    [InlineData(1, 20)]      // few keys: they change their kind, and are removed, again and again
    [InlineData(2, 20)]
    [InlineData(3, 3_000)]   // many: tables grow and shrink over segments
    public void Random_steps_have_the_same_outcomes(int seed, int keyCount)
    {
        using IKeyspace slabs = Keyspaces.New("slabs");
        using IKeyspace objects = Keyspaces.New("objects");
        var random = new Random(seed);
        var kinds = new HashSet<Outcome>();
        for (int i = 0; i < 40_000; i++)
        {
            slabs.Now = objects.Now = 1_000_000 + (i / 10);
            int step = random.Next(keyCount > 1000 && i % 20_000 > 10_000 ? 24 : 16); // then more is removed than added
            byte[] key = Keyspaces.Bytes($"key{random.Next(keyCount)}");
            byte[] other = Keyspaces.Bytes($"f{random.Next(20)}");
            byte[] value = new byte[random.Next(4) == 0 ? random.Next(10_000) : random.Next(50)];
            random.NextBytes(value);
            long at = random.Next(3) == 0 ? slabs.Now + random.Next(100) : 0;

            string one = Do(slabs, step, key, other, value, at, kinds);
            Assert.Equal(Do(objects, step, key, other, value, at, kinds), one);
            Assert.Equal((objects.Count, objects.Volatile, objects.Expired), (slabs.Count, slabs.Volatile, slabs.Expired));
        }

        Assert.Equal(Keyspaces.Scan(objects, 10).Order(), Keyspaces.Scan(slabs, 10).Order());
        Assert.Equal([Outcome.Done, Outcome.Missing, Outcome.WrongType], kinds.Order());
        Assert.True(slabs.Expired > 50);
        slabs.Dispose();
        Assert.Equal((0, 0), (SlabKeyspace.CountLive(), slabs.UsedBytes));
    }

    private static string Do(IKeyspace keys, int step, byte[] key, byte[] field, byte[] value, long at, HashSet<Outcome> outcomes)
    {
        Outcome outcome = Outcome.Done;
        ReadOnlySpan<byte> read = default;
        long number = 0;
        string written = "";
        switch (step)
        {
            case 0 or 1 or 2:
                outcome = keys.Set(key, value, at);
                break;
            case 3:
                outcome = keys.Get(key, out read);
                break;
            case 4 or 5 when keys.Get(key, out ReadOnlySpan<byte> old) != Outcome.WrongType:
                int before = old.Length;
                outcome = keys.Resize(key, before + (value.Length / 2), out Span<byte> span);
                value.AsSpan(0, span.Length - before).CopyTo(span[before..]);
                read = span;
                break;
            case 6 or 7:
                outcome = keys.Push(key, step == 6, value, out int length);
                number = length;
                break;
            case 8:
                outcome = keys.ListLength(key, out int count);
                number = count;
                keys.Drop(key, first: count % 2 == 0);
                break;
            case 9 when keys.ListLength(key, out int elements) == Outcome.Done:
                int from = value.Length % elements;
                written = Keyspaces.Written(reply => keys.WriteRange(key, from, elements - from, reply));
                break;
            case 10 or 11:
                outcome = keys.SetField(key, field, value, out bool added);
                number = added ? 1 : 0;
                break;
            case 12:
                outcome = keys.GetField(key, field, out read);
                break;
            case 13:
                outcome = keys.RemoveField(key, field);
                break;
            case 14:
                outcome = keys.SetExpiry(key, at);
                break;
            case 15:
                outcome = keys.GetExpiry(key, out number);
                keys.Expect([KeyHash.Of(key), KeyHash.Of(field)]);
                break;
            default:
                number = keys.Remove(key) ? 1 : 0;
                break;
        }

        outcomes.Add(outcome);
        keys.FieldCount(key, out int fields);
        return $"{outcome} {number} {Convert.ToHexString(read)} {written} {keys.KindOf(key)} {fields}";
    }
}
