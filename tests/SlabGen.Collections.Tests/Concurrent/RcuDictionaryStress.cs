using System.Diagnostics;

namespace SlabGen.Collections.Tests.Concurrent;

/// <summary>
/// Readers and writers at once. Each value carries its key and a stamp that says whether it is whole; keys that stay are found by
/// every look-up and every walk, whatever the table does. In checked mode a freed block is another's or unmapped at once.
/// </summary>
public sealed class RcuDictionaryStress
{
    private const int Staying = 200, Coming = 3000;

    private struct Stamped
    {
        public long Key, Round, Sum, NotSum;

        public static Stamped Of(long key, long round) =>
            new() { Key = key, Round = round, Sum = key + round, NotSum = ~(key + round) };

        public readonly bool IsOf(long key) => Key == key && Sum == Key + Round && NotSum == ~Sum;
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 4)]
    [InlineData(true, 2)]
    public void Readers_see_whole_values_of_their_keys(bool isChecked, int stripes)
    {
        using var world = new World(isChecked);
        using var dictionary = new RcuDictionary<long, Stamped>(world.Memory, null, stripes);
        for (long key = 0; key < Staying; key++)
        {
            dictionary.Add(key, Stamped.Of(key, 0));
        }

        bool ends = false;
        Exception? failure = null;
        var rounds = new long[2];
        Thread[] threads =
        [
            Start(_ => Look(dictionary)), Start(_ => LookAtMany(dictionary)), Start(_ => Walk(dictionary)),
            Start(round => Change(dictionary, 0, round)), Start(round => Change(dictionary, 1, round)),
        ];
        // Until each has done something, and then for a while: nothing depends on how long that takes.
        var clock = Stopwatch.StartNew();
        long atLeast = int.Parse(Environment.GetEnvironmentVariable("SLABGEN_STRESS_SECONDS") ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        while (Volatile.Read(ref failure) is null && (clock.Elapsed.TotalSeconds < atLeast || Interlocked.Read(ref rounds[1]) < 20))
        {
            Thread.Sleep(10);
        }

        Volatile.Write(ref ends, true);
        Array.ForEach(threads, thread => thread.Join());
        Assert.Null(failure);
        for (long key = 0; key < Staying; key++)
        {
            Assert.True(dictionary.ContainsKey(key));
        }

        Thread Start(Action<long> turn)
        {
            var thread = new Thread(() =>
            {
                try
                {
                    for (long round = 1; !Volatile.Read(ref ends); round++)
                    {
                        turn(round);
                        Interlocked.Increment(ref rounds[1]);
                    }
                }
                catch (Exception error)
                {
                    Volatile.Write(ref failure, error);
                }
            });
            thread.Start();
            return thread;
        }
    }

    private static void Look(RcuDictionary<long, Stamped> dictionary)
    {
        for (long key = 0; key < Staying + Coming; key++)
        {
            using (Rcu.Read())
            {
                ref readonly Stamped value = ref dictionary.GetValueRefOrNullRef(key);
                bool found = !System.Runtime.CompilerServices.Unsafe.IsNullRef(in value);
                Assert.True(found || key >= Staying, $"The key {key} was lost.");
                if (found)
                {
                    Stamped first = value;
                    Thread.SpinWait(20);
                    Assert.True(value.IsOf(key) && value.Round == first.Round, $"The value of {key} was changed in a section.");
                }
            }
        }
    }

    private static void LookAtMany(RcuDictionary<long, Stamped> dictionary)
    {
        long[] keys = [.. Enumerable.Range(0, Staying + Coming).Select(key => (long)key)];
        var values = new Stamped[keys.Length];
        var found = new bool[keys.Length];
        dictionary.TryGetValues(keys, values, found);
        for (int key = 0; key < keys.Length; key++)
        {
            Assert.True(found[key] ? values[key].IsOf(key) : key >= Staying, $"The key {key} was lost, or torn.");
        }
    }

    private static void Walk(RcuDictionary<long, Stamped> dictionary)
    {
        var seen = new int[Staying];
        foreach ((long key, Stamped value) in dictionary)
        {
            Assert.True(value.IsOf(key), $"A walk saw a torn value of {key}.");
            if (key < Staying)
            {
                seen[key]++;
            }
        }

        Assert.All(seen, times => Assert.Equal(1, times));
    }

    /// <summary>Sets keys that stay, and adds and removes others, so that the tables grow and shrink all the time.</summary>
    private static void Change(RcuDictionary<long, Stamped> dictionary, int writer, long round)
    {
        for (long key = Staying + writer; key < Staying + Coming; key += 2)
        {
            Assert.True(dictionary.TryAdd(key, Stamped.Of(key, round)));
            if (key % 8 < 2)
            {
                dictionary[key % Staying] = Stamped.Of(key % Staying, round);
            }
        }

        for (long key = Staying + writer; key < Staying + Coming; key += 2)
        {
            Assert.True(dictionary.Remove(key, out Stamped value) && value.IsOf(key) && value.Round == round);
        }
    }
}
