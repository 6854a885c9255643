namespace SlabGen.Generators.Tests;

/// <summary>Whole generated files, one per shape of struct. What a person reviews when the output changes.</summary>
public sealed class WholeFiles
{
    [Fact]
    public Task Simple() => GeneratorTest.Verify(
        """
        using SlabGen;

        namespace Shop;

        [SlabCache]
        public struct Order
        {
            public long Id;
            public double Price;
            public int Quantity;
        }
        """);

    [Fact]
    public Task AllOptions() => GeneratorTest.Verify(
        """
        namespace Shop;

        [SlabGen.SlabCache(
            Name = "Orders", Alignment = 64, HwCacheAlign = true, Order = 1, MinPartial = 2, Coloring = false, RandomOrder = true, RandomSeed = 7,
            Zone = SlabGen.ZoneKind.Dma32, Fallback = SlabGen.ZoneFallback.Strict, MagazineRounds = 16, DepotBytes = 65536, ReuseDistanceBytes = 0,
            MaxObjects = 1000, MaxBytes = 1 << 20, Reclaimable = true, TypeSafeByRcu = true, Mode = SlabGen.SlabMode.Fast)]
        public struct Order
        {
            public long Id;
        }
        """);

    [Fact]
    public Task NameSet() => GeneratorTest.Verify(
        """
        namespace Shop;

        [SlabGen.SlabCache(Name = "orders")]
        public readonly record struct Order(long Id, double Price);
        """);

    [Fact]
    public Task Nested() => GeneratorTest.Verify(
        """
        namespace Collections.Trees
        {
            public class Tree
            {
                public interface IParts
                {
                    [SlabGen.SlabCache]
                    public struct Node
                    {
                        public int Left, Right;
                    }
                }
            }
        }
        """);

    [Fact]
    public Task Generic() => GeneratorTest.Verify(
        """
        namespace Shop;

        [SlabGen.SlabCache]
        public struct Box<T>
            where T : unmanaged
        {
            public T Content;
        }
        """);

    [Fact]
    public Task NestedInGenericWithConstraints() => GeneratorTest.Verify(
        """
        using System;
        using System.Collections.Generic;

        namespace Shop;

        public class Map<TKey, TValue>
            where TKey : unmanaged, IEquatable<TKey>, IComparable<TKey>
            where TValue : class?, IReadOnlyList<TKey?>, new()
        {
            public record Page<T>
                where T : notnull, TValue, IEnumerable<string?>
            {
                [SlabGen.SlabCache]
                public struct Entry<TKind, TSpan>
                    where TKind : struct, Enum
                    where TSpan : allows ref struct
                {
                    public TKey Key;
                    public int Next;
                }
            }
        }
        """);

    [Fact]
    public Task GlobalNamespace() => GeneratorTest.Verify(
        """
        [SlabGen.SlabCache]
        public struct Point
        {
            public int X, Y;
        }
        """);

    [Fact]
    public Task InternalAccessibility() => GeneratorTest.Verify(
        """
        namespace Shop;

        internal static class Details
        {
            [SlabGen.SlabCache(HwCacheAlign = true)]
            public struct Line
            {
                public int Number;
            }
        }
        """);

    [Fact]
    public Task KeywordNames() => GeneratorTest.Verify(
        """
        namespace @event.@record.Shop;

        [SlabGen.SlabCache]
        public struct @struct<@class, @where>
            where @class : unmanaged
            where @where : @interface<@class>
        {
            public @class Value;
        }

        public interface @interface<T>;
        """);

    [Fact]
    public Task Hooks() => GeneratorTest.Verify(
        """
        namespace Shop;

        [SlabGen.SlabCache]
        public struct Session
        {
            public int Id;

            [SlabGen.SlabConstructor]
            internal bool Construct() => true;

            [SlabGen.SlabDestructor]
            internal void Destruct() => Id = -1;

            [SlabGen.SlabInit]
            public bool Init() => ++Id > 0;

            [SlabGen.SlabFini]
            public void Fini() => Id = 0;
        }
        """);

    [Fact]
    public Task Zeroing() => GeneratorTest.Verify(
        """
        namespace Shop;

        [SlabGen.SlabCache(Zeroing = SlabGen.SlabZeroing.OnFree)]
        public struct Card
        {
            public long Number;
        }
        """);

    [Fact]
    public Task Handles() => GeneratorTest.Verify(
        """
        namespace Shop;

        [SlabGen.SlabCache(Handles = true)]
        public struct Customer
        {
            public long Id;

            [SlabGen.SlabInit]
            public bool Open() => ++Id > 0;

            [SlabGen.SlabFini]
            public void Close() => Id = 0;
        }
        """);

    [Fact]
    public Task Extensions() => GeneratorTest.Verify(
        """
        namespace Shop;

        public class Map<TKey>
            where TKey : unmanaged, System.IEquatable<TKey>
        {
            [SlabGen.SlabCache(Extensions = true)]
            public struct Entry<TValue>
                where TValue : unmanaged
            {
                public TKey Key;
                public TValue Value;
            }
        }
        """);

    [Fact]
    public Task SingleThreaded() => GeneratorTest.Verify(
        """
        namespace Shop;

        [SlabGen.SlabCache(SingleThreaded = true)]
        public struct Node
        {
            public int Left, Right;
        }
        """);

    [Fact]
    public Task Defaults() => GeneratorTest.Verify(
        """
        [assembly: SlabGen.SlabCacheDefaults(Zone = SlabGen.ZoneKind.Dma32, HwCacheAlign = true, Mode = SlabGen.SlabMode.Checked)]

        namespace Shop;

        [SlabGen.SlabCache(Fallback = SlabGen.ZoneFallback.Strict, HwCacheAlign = false)]
        public struct Descriptor
        {
            public int Next;
        }
        """);
}
