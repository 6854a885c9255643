using Dropped = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.ResultDroppedAnalyzer>;
using FreedTwice = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.FreedTwiceAnalyzer>;
using LambdaOutlives = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.CapturedByLambdaAnalyzer>;
using LeasedFreed = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.LeasedFreedAnalyzer>;
using NotFreed = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.NotFreedAnalyzer>;
using ReturnedFreed = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.ReturnedFreedAnalyzer>;
using UsedAfterFree = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.UsedAfterFreeAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>Owners are followed as leases are; that they may be stored, and shared, is no mistake.</summary>
public sealed class OwnersTests
{
    private const string Members =
        """
        static SlabOwner<Order>? s_owner;
        static void Take(SlabOwner<Order> owner) => owner.Dispose();
        static Task Wait() => Task.CompletedTask;

        """;

    [Theory]
    [InlineData("var owner = {|#0:OrderCache.Own()|}; owner.Value.Id = 1;", "OrderCache")]
    [InlineData("var owner = {|#0:OrderCache.Own()|}; await Wait(); owner.Value.Id = 1;", "OrderCache")]
    [InlineData("SlabOwner<Order> owner = {|#0:OrderCache.Own()|}; if (flag) return; owner.Dispose();", "OrderCache")]
    [InlineData("var owner = {|#0:cache.Own()|}; owner.Value.Id = 1;", "KmemCache<Order>")]
    [InlineData("var owner = {|#0:new SlabOwner<Order>(OrderCache.Cache)|}; owner.Value.Id = 1;", "SlabOwner<Order>")]
    [InlineData("{|#0:OrderCache.Own()|}.Value.Id = 1;", "OrderCache")]
    [InlineData("var owner = {|#0:OrderCache.Own()|}; if (flag) owner.Dispose();", "OrderCache")]
    public Task One_that_nobody_disposes_of(string body, string cache) => NotFreed.Reports(
        Async(body), $"The object from '{cache}' is not freed on some path out of its scope, and nothing else holds it");

    [Theory]
    [InlineData("using var owner = OrderCache.Own(); if (flag) return; owner.Value.Id = 1;")]
    [InlineData("using (var owner = OrderCache.Own()) { await Wait(); owner.Value.Id = 1; }")]
    [InlineData("using (OrderCache.Own()) { }")]
    [InlineData("using var owner = cache.Own(); await Wait(); owner.Value.Id++;")]
    [InlineData("using SlabOwner<Order> owner = new(OrderCache.Cache); await Wait(); owner.Value.Id++;")]
    [InlineData("var owner = OrderCache.Own(); try { await Wait(); } finally { owner.Dispose(); }")]
    [InlineData("var owner = OrderCache.Own(); owner?.Dispose();")]
    [InlineData("var owner = OrderCache.Own(); if (owner != null) owner.Dispose();")]
    [InlineData("var owner = OrderCache.Own(); if (owner is not null) { owner.Dispose(); }")]
    [InlineData("SlabOwner<Order>? owner = null; try { owner = OrderCache.Own(); await Wait(); } finally { owner?.Dispose(); }")]
    [InlineData("SlabOwner<Order>? owner = null; if (flag) owner = OrderCache.Own(); owner?.Dispose();")]
    [InlineData("var owner = flag ? OrderCache.Own() : null; owner?.Dispose();")]
    [InlineData("s_owner = OrderCache.Own();")]
    [InlineData("var owner = OrderCache.Own(); s_owner = owner;")]
    [InlineData("var owner = OrderCache.Own(); Take(owner);")]
    [InlineData("var owners = new List<SlabOwner<Order>>(); var owner = OrderCache.Own(); owners.Add(owner);")]
    [InlineData("SlabOwner<Order>[] owners = [OrderCache.Own()];")]
    [InlineData("var owner = OrderCache.Own(); Action end = () => owner.Dispose(); end();")]
    [InlineData("var owner = OrderCache.Own(); Action end = owner.Dispose; end();")]
    [InlineData("IDisposable owner = OrderCache.Own(); owner.Dispose();")]
    [InlineData("var a = OrderCache.Own(); var b = a; b.Dispose();")]
    [InlineData("var owner = OrderCache.Own(); ((IDisposable)owner).Dispose();")]
    [InlineData("OrderCache.Own().Dispose();")]
    [InlineData("_ = OrderCache.Own();")]
    public Task Near_misses_of_that(string body) => NotFreed.IsSilent(Async(body));

    [Theory]
    [InlineData("static SlabOwner<Order> Make() { var owner = OrderCache.Own(); owner.Value.Id = 1; return owner; }")]
    [InlineData("} public class Later { static async Task<SlabOwner<Order>> Make() { var owner = OrderCache.Own(); await Task.Yield(); return owner; }")]
    public Task One_may_be_handed_on(string members) => NotFreed.IsSilent(UserCode.Class(members));

    [Theory]
    [InlineData("var owner = OrderCache.Own(); owner.Dispose(); {|#0:owner.Value|}.Id = 1;", "owner")]
    [InlineData("var owner = cache.Own(); owner.Dispose(); {|#0:owner.Value|}.Id = 1;", "owner")]
    [InlineData("SlabOwner<Order> owner = new(OrderCache.Cache); await Wait(); owner.Dispose(); {|#0:owner.Value|}.Id = 1;", "owner")]
    [InlineData("SlabPtr<Order> p; using (var owner = OrderCache.Own()) { p = owner.Pointer; } {|#0:p.Value|}.Id = 1;", "p")]
    [InlineData("var a = OrderCache.Own(); var b = a; b.Dispose(); {|#0:a.Value|}.Id = 1;", "a")]
    [InlineData("given.Dispose(); {|#0:given.Value|}.Id = 1;", "given")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Reset(); {|#0:p.Value|}.Id = 1;", "p")]
    [InlineData("var owner = OrderCache.Own(); if (flag) { owner.Dispose(); await Wait(); } else { owner.Dispose(); } {|#0:owner.Value|}.Id = 1;", "owner")]
    public Task One_that_is_used_after_Dispose(string body, string name) => UsedAfterFree.Reports(
        Async(body), $"'{name}' was freed on every path that leads here: {(name == "p" ? "another owner may have the object now" : "it throws")}");

    [Theory]
    [InlineData("using var owner = OrderCache.Own(); await Wait(); owner.Value.Id = 1;")]
    [InlineData("var owner = OrderCache.Own(); if (flag) owner.Dispose(); if (!flag) owner.Value.Id = 1;")]
    [InlineData("var owner = OrderCache.Own(); owner.Dispose(); owner = OrderCache.Own(); owner.Value.Id = 1; owner.Dispose();")]
    [InlineData("for (int i = 0; i < 3; i++) { using var owner = OrderCache.Own(); owner.Value.Id = i; }")]
    [InlineData("var owner = OrderCache.Own(); var id = owner.Value.Id; owner.Dispose(); Console.WriteLine(id);")]
    [InlineData("var owner = OrderCache.Own(); owner.Dispose(); Console.WriteLine(owner == given);")]
    public Task Near_misses_of_use(string body) => UsedAfterFree.IsSilent(Async(body));

    [Theory]
    [InlineData("var owner = OrderCache.Own(); owner.Dispose(); {|#0:owner.Dispose()|};", "owner")]
    [InlineData("given.Dispose(); {|#0:given.Dispose()|};", "given")]
    public Task A_second_disposal_which_checked_mode_refuses(string body, string name) =>
        FreedTwice.Reports(Async(body), $"'{name}' is already free on every path that leads here");

    [Theory]
    [InlineData("using var owner = OrderCache.Own(); owner.Value.Id = 1;")]
    [InlineData("var owner = OrderCache.Own(); OrderCache.Reset(); owner.Dispose();")]
    [InlineData("var lease = OrderCache.Rent(); lease.Dispose(); lease.Dispose();")]
    [InlineData("var owner = OrderCache.Own(); if (flag) owner.Dispose(); else owner.Dispose();")]
    public Task Near_misses_of_a_second_disposal(string body) => FreedTwice.IsSilent(UserCode.Class(Members + $"static void Run(bool flag) {{ {body} }}"));

    [Theory]
    [InlineData("using var owner = OrderCache.Own(); {|#0:OrderCache.Free(owner.Pointer)|};", "owner.Pointer")]
    [InlineData("using var owner = cache.Own(); var p = owner.Pointer; {|#0:cache.Free(p)|};", "p")]
    [InlineData("using SlabOwner<Order> owner = new(OrderCache.Cache); {|#0:OrderCache.Free(owner.Pointer)|};", "owner.Pointer")]
    public Task Its_object_freed_by_address(string body, string name) => LeasedFreed.Reports(
        Async(body), $"'{name}' is the object of a lease or an owner, which will free it too: dispose of the lease or owner instead");

    [Fact]
    public Task Its_pointer_returned_from_its_scope() => ReturnedFreed.Reports(
        UserCode.Class("static SlabPtr<Order> Make() { using var owner = OrderCache.Own(); owner.Value.Id = 1; return {|#0:owner.Pointer|}; }"),
        "'owner.Pointer' is freed before the caller gets it");

    [Theory]
    [InlineData("{|#0:OrderCache.Own()|};", "OrderCache.Own")]
    [InlineData("{|#0:cache.Own()|};", "KmemCache.Own")]
    [InlineData("{|#0:new SlabOwner<Order>(OrderCache.Cache)|};", "new SlabOwner")]
    public Task One_that_nobody_keeps(string body, string name) => Dropped.Reports(Async(body), $"The result of '{name}' is dropped: the object can never be freed");

    [Fact]
    public Task A_lambda_that_outlives_its_scope() => LambdaOutlives.Reports(
        Async("using var owner = OrderCache.Own(); s_action = {|#0:() => owner.Value.Id = 1|};"), "The lambda outlives the method and holds 'owner', which the method frees");

    private static string Async(string body) => UserCode.Class(Members + "#pragma warning disable CS1998\n}\npublic class Async {\n" + Members
        + $"static Action? s_action; static async Task Run(bool flag, KmemCache<Order> cache, SlabOwner<Order> given) {{ {body} }}");
}
