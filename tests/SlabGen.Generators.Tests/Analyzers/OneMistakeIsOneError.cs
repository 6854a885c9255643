namespace SlabGen.Generators.Tests;

/// <summary>A struct that breaks a rule gives that rule's error, and its uses none besides.</summary>
public sealed class OneMistakeIsOneError
{
    private const string Uses =
        """
        public static class User
        {
            public static void Run()
            {
                var order = OrderCache.Alloc();
                order.Value.Id = 1;
                OrderCache.Free(order);
                if (OrderCache.TryAlloc(out var other))
                {
                    OrderCache.Free(other);
                }

                using (var lease = OrderCache.Rent())
                {
                    lease.Value.Id++;
                }

                using OrderCache.Lease named = OrderCache.Rent();
                ref var content = ref named.Value;
                content.Id = 2;
                OrderCache.Cache.Shrink();
            }
        }

        [SlabCache]
        public struct Line
        {
            internal OrderPtr Order;

            public static void Run()
            {
                ref Line line = ref LineCache.Alloc().Value;
                line.Order = OrderCache.Alloc();
                line.Order.Value.Id = 1;
                if (!line.Order.IsNull && line.Order != default(OrderPtr))
                {
                    ref var order = ref line.Order.Value;
                    order.Id++;
                    OrderCache.Free(line.Order);
                }
            }
        }
        """;

    // What can be written where SlabPtr<Order> can be.
    private const string TypedUses =
        """
        public static class TypedUser
        {
            public static void Run(SlabPtr<Order>[] orders)
            {
                SlabPtr<Order> order = OrderCache.Alloc();
                ref Order value = ref order.Value;
                value.Id = 1;
                OrderCache.AllocBulk(orders);
                if (OrderCache.TryAllocBulk(orders))
                {
                }

                OrderCache.FreeBulk(orders);
                if (OrderCache.TryAlloc(out SlabPtr<Order> other))
                {
                    OrderCache.Free(other);
                }
            }
        }
        """;

    [Theory]
    [InlineData("SLAB0001", "public struct Order { public long Id; public string Name; }")]
    [InlineData("SLAB0001", "public struct Order { public long Id; public string Name; } public static partial class OrderCache { public static int Mine => 1; }")]
    [InlineData("SLAB0002", "public ref struct Order { public long Id; }")]
    [InlineData("SLAB0003", "file struct Order { public long Id; public void Set() => Id = 1; }")]
    [InlineData("SLAB0003", "struct Nothing; public class Outer { [SlabCache] private struct Order { public long Id; public void Set() => Id = 1; } }")]
    public Task Of_a_struct_that_no_pointer_may_point_to(string rule, string declaration) =>
        GeneratorTest.VerifySilent(rule, $"namespace Shop {{ using SlabGen; [SlabCache] {declaration} {Uses} }}");

    [Theory]
    [InlineData("SLAB0006", "(Alignment = 48)", "")]
    [InlineData("SLAB0007", "", "[SlabInit] internal void Start(int id) { }")]
    [InlineData("SLAB0008", "", "[SlabInit] internal void A() { } [SlabInit] internal void B() { }")]
    [InlineData("SLAB0009", "", "[SlabFini] private void End() { }")]
    [InlineData("SLAB0011", "(Zeroing = SlabZeroing.OnFree)", "[SlabConstructor] internal void Start() { }")]
    [InlineData("SLAB0012", "(Order = 11)", "")]
    [InlineData("SLAB0013", "(RandomSeed = 1, Handles = true)", "")]
    public Task Of_options_and_hooks(string rule, string arguments, string member) =>
        GeneratorTest.VerifySilent(rule, $"namespace Shop {{ using SlabGen; [SlabCache{arguments}] public struct Order {{ public long Id; {member} }} {Uses} {TypedUses} }}");

    [Fact]
    public Task Of_two_structs_that_ask_for_one_class() => GeneratorTest.VerifySilent(
        "SLAB0005",
        $"namespace Shop {{ using SlabGen; [SlabCache] public struct Order {{ public long Id; }} public class Tree {{ [SlabCache] internal struct Order {{ public long Id; public void Set() => Id = 1; }} }} {Uses} {TypedUses} }}");

    [Fact]
    public async Task A_struct_that_breaks_a_rule_takes_no_name_from_one_that_does_not()
    {
        const string Source = "namespace Shop { using SlabGen; [SlabCache] public struct Order { public long Id; } public class Tree { [SlabCache(Order = 11)] public struct Order { public long Id; } } }";
        await GeneratorTest.VerifySilent("SLAB0012", Source, $"namespace Shop {{ using SlabGen; {Uses} {TypedUses} }}");
    }

    // It converts from and to neither struct's own.
    [Fact]
    public Task Of_two_structs_that_ask_for_one_pointer() => GeneratorTest.VerifySilent(
        "SLAB0005",
        $"namespace Shop {{ using SlabGen; [SlabCache] public struct Order {{ public long Id; }} public class Tree {{ [SlabCache(Name = \"Orders\")] internal struct Order {{ public long Id; }} }} {TypedUses} }}",
        "namespace Shop { public static class Others { public static void Run() => Orders.Free(Orders.Alloc()); } [SlabGen.SlabCache] internal struct Line { internal OrderPtr Order; internal long Id => Order.IsNull ? 0 : Order.Value.Id; } }");

    [Fact]
    public Task Of_a_class_that_the_user_has() => GeneratorTest.VerifySilent(
        "SLAB0005",
        "namespace Shop { using SlabGen; [SlabCache] public struct Order { public long Id; } public class OrderCache; [SlabCache] public struct Line { public OrderPtr Order; public void Set(SlabPtr<Order> order) => Order = order; } }");

    [Fact]
    public Task Of_a_pointer_that_the_user_has() => GeneratorTest.VerifySilent(
        "SLAB0005",
        "namespace Shop { using SlabGen; [SlabCache] public struct Order { public long Id; } public class OrderPtr; public static class User { public static void Run() => OrderCache.Free(OrderCache.Alloc()); } }");

    [Fact]
    public Task Of_a_handle_in_a_field() => GeneratorTest.VerifySilent(
        "SLAB0001",
        """
        using SlabGen;
        [SlabCache(Handles = true)] public struct Order { public long Id; public string Name; }
        [SlabCache]
        public struct Line
        {
            internal OrderHandle Order;
            internal bool Find() => Order.IsLive && Order.TryGet(out var found) && found.Value.Id == Order.Value.Id && OrderCache.TryFree(Order);
            internal void Set() => Order = OrderCache.AllocHandle();
        }
        public static partial class OrderCache { static partial void Configure(ref SlabRuntime runtime, ref SlabCacheOptions options) => options = new(); }
        """);

    [Theory]
    [InlineData("PointerName = \"Value\"", "Value")]
    [InlineData("PointerName = \"Equals\"", "Equals")]
    [InlineData("PointerName = \"OrderHandle\", Handles = true", "OrderHandle")]
    [InlineData("PointerName = \"OrderCache\"", "SlabPtr<Order>")]
    public Task Of_a_pointer_s_name(string arguments, string pointer) => GeneratorTest.VerifySilent(
        "SLAB0004",
        $"using SlabGen; [SlabCache({arguments})] public struct Order {{ public long Id; }} public static class User {{ public static void Run() {{ {pointer} order = OrderCache.Alloc(); OrderCache.Free(order); }} }}");

    [Fact]
    public Task Of_a_name_that_a_member_has() => GeneratorTest.VerifySilent(
        "SLAB0004",
        "using SlabGen; [SlabCache(Name = \"Lease\")] public struct Order { public long Id; } public static class User { public static void Run() { var order = Lease.Alloc(); Lease.Free(order); } }");
}
