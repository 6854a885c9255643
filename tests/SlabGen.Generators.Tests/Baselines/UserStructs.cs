namespace SlabGen.Generators.Tests;

/// <summary>Structs and projects of unusual kinds that are valid all the same: the generated code compiles in each without a warning.</summary>
public sealed class UserStructs
{
    [Theory]
    [InlineData("public struct S;")]
    [InlineData("public readonly struct S { public readonly int X; }")]
    [InlineData("public record struct S(int X);")]
    [InlineData("public readonly record struct S(int X);")]
    [InlineData("public partial struct S { public int X; } public partial struct S { public int Y => X; }")]
    [InlineData("public struct S(int x) { public readonly int X => x; }")]
    [InlineData("public struct S { public required int X { get; init; } }")]
    [InlineData("public struct S { public S() { } public int X = 1; }")]
    [InlineData("public struct S { public System.DayOfWeek X; public System.Guid Y; public (int, long?) Z; public System.Range R; }")]
    [InlineData("public struct S { public static string? Name; public const string Other = \"\"; public int X; }")]
    [InlineData("[System.Runtime.CompilerServices.InlineArray(8)] public struct S { private int _x; public readonly int X => _x; }")]
    [InlineData("public struct S<T> { public int Index; }")]
    [InlineData("public struct S<T> where T : class, new() { public int Index; }")]
    [InlineData("public struct S<T> where T : struct { public int Index; }")]
    [InlineData("public struct S<T, U> where T : U where U : System.Delegate? { public int Index; }")]
    [InlineData("public struct S<T> where T : System.IEquatable<(int A, string? B)>, System.Collections.Generic.IEnumerable<int[]?[]> { public int Index; }")]
    [InlineData("public struct S<T> where T : System.Collections.Generic.IEnumerable<System.Collections.Generic.Dictionary<nint, string?>.Enumerator> { public int Index; }")]
    [InlineData("internal struct S { public int X; }")]
    [InlineData("[System.Obsolete] public struct S { public int X; }")]
    [InlineData("[System.Obsolete(\"Use another.\")] public struct S { public int X; }")]
    public async Task A_struct_of_its_own_kind(string declaration)
    {
        // Behind the attributes that the declaration brings itself.
        int start = declaration.StartsWith("internal ", StringComparison.Ordinal) ? 0 : declaration.IndexOf("public ", StringComparison.Ordinal);
        Assert.Single(await GeneratorTest.Run("namespace Shop; " + declaration.Insert(start, "[SlabGen.SlabCache] ")));
    }

    [Theory]
    [InlineData("public class Outer")]
    [InlineData("public struct Outer")]
    [InlineData("public static class Outer")]
    [InlineData("public record Outer")]
    [InlineData("public record struct Outer")]
    [InlineData("public interface Outer")]
    [InlineData("public interface Outer<T>")]
    [InlineData("public abstract class Outer<T> where T : Outer<T>")]
    [InlineData("internal class Outer<T> where T : notnull")]
    public async Task A_struct_nested_in(string outer)
    {
        Assert.Single(await GeneratorTest.Run(
            $$"""
            namespace Shop;
            {{outer}}
            {
                [SlabGen.SlabCache] public struct S { public int X; }
            }
            """));
    }

    [Fact]
    public async Task An_assembly_that_promises_CLS_compliance()
    {
        Assert.Single(await GeneratorTest.Run(
            """
            [assembly: System.CLSCompliant(true)]
            namespace Shop;
            [SlabGen.SlabCache] public struct S { public int X; }
            """));
    }

    [Fact]
    public async Task A_file_without_nullable_annotations()
    {
        Assert.Single(await GeneratorTest.Run(
            """
            #nullable disable
            namespace Shop;
            public class Outer<T> where T : class, System.IComparable<string>
            {
                [SlabGen.SlabCache] public struct S<U> where U : T, System.Collections.Generic.IEnumerable<T> { public int X; }
            }
            """));
    }

    [Fact]
    public async Task A_class_of_the_user_that_is_a_part_of_the_generated_one()
    {
        Assert.Single(await GeneratorTest.Run(
            """
            namespace Shop;

            [SlabGen.SlabCache] public struct Order { public int Id; }

            public static partial class OrderCache
            {
                public static SlabGen.SlabPtr<Order> Alloc(int id)
                {
                    SlabGen.SlabPtr<Order> order = Alloc();
                    order.Value.Id = id;
                    return order;
                }

                public static void Free(System.ReadOnlySpan<SlabGen.SlabPtr<Order>> orders) => FreeBulk(orders);
            }
            """));
    }

    [Fact]
    public async Task A_file_local_class_of_the_same_name()
    {
        Assert.Single(await GeneratorTest.Run(
            "namespace Shop; [SlabGen.SlabCache] public struct Order { public int Id; }",
            "namespace Shop; file static class OrderCache;"));
    }

    [Fact]
    public async Task Code_that_uses_the_class()
    {
        Assert.Single(await GeneratorTest.Run(
            """
            using System;
            using SlabGen;

            namespace Shop;

            [SlabCache]
            public struct Order { public long Id; public double Price; public int Quantity; }

            public static class Program
            {
                public static int Use(Span<SlabPtr<Order>> orders)
                {
                    SlabPtr<Order> order = OrderCache.Alloc();
                    order.Value.Price = 101.25;
                    OrderCache.Free(order);

                    using var lease = OrderCache.Rent();
                    lease.Value.Quantity = 3;

                    OrderCache.AllocBulk(orders);
                    OrderCache.FreeBulk(orders);

                    if (OrderCache.TryAlloc(out order))
                    {
                        OrderCache.Free(order);
                    }

                    using SlabReservation<Order> reservation = OrderCache.Reserve(2);
                    OrderCache.Free(reservation.Alloc());
                    OrderCache.Free(OrderCache.AllocZeroed());
                    return OrderCache.Cache.GetHashCode() + lease.Value.Quantity;
                }
            }
            """));
    }
}
