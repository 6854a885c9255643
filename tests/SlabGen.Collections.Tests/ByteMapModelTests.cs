using System.Text;
using CsCheck;

namespace SlabGen.Collections.Tests;

/// <summary>
/// Proves that both maps of bytes have what a <see cref="Dictionary{TKey, TValue}"/> of strings has after the same
/// script: in both modes, by both comparisons, with memory shared and of their own, with allocations failing.
/// </summary>
public sealed class ByteMapModelTests
{
    private enum Operation
    {
        TryAdd,
        Set,
        Remove,
        AddMany,
        RemoveMany,
        Trim,
        Clear,
        Fail,
    }

    // Lengths on both sides of what the hash takes at once: 8 and 16 bytes.
    private static readonly Gen<string> s_keys =
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 40], Gen.Bool, (number, length, upper) =>
        {
            string key = $"{number}{new string('k', length)}{(char)('À' + (number % 3))}";
            return upper ? key.ToUpperInvariant() : key;
        });

    private static readonly Gen<(Operation, string, int)[]> s_scripts = Gen.Select(
        Gen.Frequency(
            (20, OneOf(Operation.TryAdd, Operation.Set, Operation.Set, Operation.Remove)),
            (6, OneOf(Operation.AddMany, Operation.RemoveMany)),
            (3, OneOf(Operation.Trim, Operation.Fail)),
            (1, Gen.Const(Operation.Clear))),
        s_keys, Gen.Int[0, 300]).Array[1, 80];

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void A_map_of_bytes_is_a_dictionary() =>
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, s_scripts).Sample(Run, iter: 150);

    private static void Run(bool isChecked, bool ignoreCase, bool ownsMemory, (Operation, string, int)[] script)
    {
        using var world = new World(isChecked);
        SlabByteComparison comparison = ignoreCase ? SlabByteComparison.AsciiIgnoreCase : SlabByteComparison.Ordinal;
        Kmalloc memory = ownsMemory ? world.Runtime.CreateKmalloc("owned") : world.Memory;
        using var numbers = new SlabByteMap<long>(memory, comparison, ownsMemory);
        using var bytes = new SlabByteMap(world.Memory, comparison);
        var model = new Dictionary<string, int>(ignoreCase ? new AsciiComparer() : StringComparer.Ordinal);
        foreach ((Operation operation, string key, int number) in script)
        {
            switch (operation)
            {
                case Operation.TryAdd:
                    bool added = model.TryAdd(key, number);
                    Assert.Equal(added, numbers.TryAdd(Bytes(key), number));
                    Assert.Equal(added, bytes.TryAdd(Bytes(key), Value(number)));
                    break;
                case Operation.Set:
                    numbers[Bytes(key)] = number;
                    bytes.Set(Bytes(key), Value(number));
                    model[key] = number;
                    break;
                case Operation.Remove:
                    bool had = model.Remove(key, out int was);
                    Assert.Equal(had, numbers.Remove(Bytes(key), out long removed));
                    Assert.Equal(was, removed);
                    Assert.Equal(had, bytes.Remove(Bytes(key)));
                    break;
                case Operation.AddMany:
                    for (int i = 0; i < number; i++)
                    {
                        numbers[Bytes(key + i)] = i;
                        bytes.Set(Bytes(key + i), Value(i));
                        model[key + i] = i;
                    }

                    break;
                case Operation.RemoveMany:
                    foreach (string other in model.Keys.Take(number).ToArray())
                    {
                        Assert.True(model.Remove(other) && numbers.Remove(Bytes(other)) && bytes.Remove(Bytes(other)));
                    }

                    break;
                case Operation.Trim:
                    numbers.TrimExcess();
                    bytes.TrimExcess();
                    break;
                case Operation.Clear:
                    numbers.Clear();
                    bytes.Clear();
                    model.Clear();
                    break;
                default:
                    Fail(numbers, bytes, model, key, number);
                    break;
            }

            Assert.Equal(model.Count, numbers.Count);
            Assert.Equal(model.Count, bytes.Count);
        }

        Check(numbers, bytes, model);
    }

    private static void Fail(SlabByteMap<long> numbers, SlabByteMap bytes, Dictionary<string, int> model, string key, int number)
    {
        for (int i = 0; i < 20; i++)
        {
            bool had = model.TryGetValue(key + i, out int was), set;
            using (var fail = new FailAllocations((number + i) % 4, fromThenOn: number % 2 == 0))
            {
                set = bytes.TrySet(Bytes(key + i), Value(number));
                Assert.True(set || fail.HasFailed);
            }

            Assert.Equal(set || had, bytes.TryGetValue(Bytes(key + i), out Span<byte> value));
            Assert.True(!(set || had) || value.SequenceEqual(Value(set ? number : was)));
            if (set)
            {
                numbers[Bytes(key + i)] = number;
                model[key + i] = number;
            }
        }
    }

    private static void Check(SlabByteMap<long> numbers, SlabByteMap bytes, Dictionary<string, int> model)
    {
        foreach ((string key, int number) in model)
        {
            Assert.True(numbers.TryGetValue(Bytes(key), out long value));
            Assert.Equal(number, value);
            Assert.True(bytes[Bytes(key)].SequenceEqual(Value(number)));
            Assert.False(bytes.ContainsKey(Bytes(key + "?")));
        }

        int seen = 0;
        foreach (SlabByteMap<long>.Entry entry in numbers)
        {
            Assert.Equal(model[Encoding.Latin1.GetString(entry.Key)], entry.Value);
            seen++;
        }

        foreach (SlabByteMap.Entry entry in bytes)
        {
            Assert.True(entry.Value.SequenceEqual(Value(model[Encoding.Latin1.GetString(entry.Key)])));
            seen++;
        }

        Assert.Equal(model.Count * 2, seen);
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static byte[] Value(int number) => [.. Enumerable.Repeat((byte)number, number)];

    private sealed class AsciiComparer : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => Lower(x!) == Lower(y!);

        public int GetHashCode(string obj) => Lower(obj).GetHashCode(StringComparison.Ordinal);

        private static string Lower(string text) =>
            string.Concat(text.Select(c => c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c));
    }
}
