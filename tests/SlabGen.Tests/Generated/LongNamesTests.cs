using SlabGen.Memory;
using Long = SlabGen.Tests.Generated.Outerxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.Inneryyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy.Innermostzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz;

namespace SlabGen.Tests.Generated;

/// <summary>A struct's full name may be longer than a cache's, or have letters that no cache's name may: nobody can be asked for another.</summary>
public sealed class LongNamesTests
{
    [Fact]
    public void A_struct_with_a_long_name_has_a_cache()
    {
        string name = LongNameCache.Cache.Name;
        Assert.Equal(ObjectName.MaxLength, name.Length);
        Assert.StartsWith("Outerx", name, StringComparison.Ordinal);
        Assert.Matches("-[0-9a-f]{16}$", name);
    }

    [Fact]
    public void A_struct_whose_name_has_letters_that_cannot_be_seen_has_a_cache() => Assert.Equal("Un_seen\u00e9", UnseenCache.Cache.Name);

    [Fact]
    public void A_generic_struct_has_one_with_an_argument_of_a_long_name()
    {
        string one = LongBoxCache<Long, int>.Cache.Name, other = LongBoxCache<Long, uint>.Cache.Name;
        Assert.All([one, other], static name => Assert.Equal(ObjectName.MaxLength, name.Length));
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void A_cache_of_a_type_known_at_run_time_has_one_with_an_argument_of_a_long_name()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        using var cache = new KmemCache<LongBox<Long, int>>(runtime);
        Assert.Equal(ObjectName.MaxLength, cache.Cache.Name.Length);
    }
}

[SlabCache(Name = "UnseenCache")]
internal struct Un\u3164seen\u00e9
{
    public long Value;
}

[SlabCache]
internal struct LongBox<TFirst, TSecond>
    where TFirst : unmanaged
    where TSecond : unmanaged
{
    public TFirst First;
    public TSecond Second;
}

internal static class Outerxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
{
    internal static class Inneryyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
    {
        [SlabCache(Name = "LongNameCache")]
        internal struct Innermostzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz
        {
            public long Value;
        }
    }
}
