using System.Text.Json;

namespace SlabGen.Tests.References;

/// <summary>What src/SlabGen/README.md says of objects in JSON is so.</summary>
public sealed class JsonTests
{
    private static readonly JsonSerializerOptions s_web = new(JsonSerializerDefaults.Web); // what ASP.NET's results use
    private static readonly JsonSerializerOptions s_fields = new(JsonSerializerDefaults.Web) { IncludeFields = true };

    [Fact]
    public void Fields_are_left_out_unless_asked_for_and_a_record_is_written()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        using var cache = new KmemCache<Order>(runtime);
        using SlabOwner<Order> owner = cache.Own();
        owner.Value = new Order { Id = 7, Price = 8 };
        Assert.Equal("{}", JsonSerializer.Serialize(owner.Value, s_web));
        Assert.Equal("""{"id":7,"price":8}""", JsonSerializer.Serialize(owner.Value, s_fields));
        Assert.Equal("""{"id":7,"price":8}""", JsonSerializer.Serialize(new OrderDto(owner.Value.Id, owner.Value.Price), s_web));
    }

    [Fact]
    public void A_pointer_cannot_be_written_nor_a_struct_with_one()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        using var cache = new KmemCache<Order>(runtime);
        using SlabOwner<Order> owner = cache.Own();
        owner.Value = default;
        SlabPtr<Order> pointer = owner.Pointer;
        Assert.Contains("SlabPtr", Assert.ThrowsAny<Exception>(() => JsonSerializer.Serialize(pointer, s_web)).Message, StringComparison.Ordinal);
        Assert.Contains("SlabPtr", Assert.ThrowsAny<Exception>(() => JsonSerializer.Serialize(new Linked { Next = pointer }, s_fields)).Message, StringComparison.Ordinal);
    }

    private sealed record OrderDto(int Id, long Price);

    private struct Order
    {
        public int Id;
        public long Price;
    }

    private struct Linked
    {
        public SlabPtr<Order> Next;
    }
}
