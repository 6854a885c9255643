using SlabGen.Memory;
using SlabGen.Tests.Reclaim;

namespace SlabGen.Tests.Memory;

/// <summary>All that has a name takes the same names, and an error says which name, where, and what is permitted.</summary>
public sealed class ObjectNameTests
{
    /// <summary>The name, and what the error says of it.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "", "is empty" },
        { " ", "U+0020 at index 0" },
        { "two words", "'two words' has white space U+0020 at index 3" },
        { "end ", "U+0020 at index 3" },
        { "line\nbreak", @"'line\u000abreak'" },
        { "tab\tbed", "U+0009" },
        { "nul\0", "U+0000 at index 3" },
        { "nel\u0085", "U+0085" },
        { "separator\u2028", "U+2028" },
        { "paragraph\u2029", "U+2029" },
        { "nbsp\u00a0", "U+00A0" },
        { "override\u202egnp.exe", @"'override\u202egnp.exe' has the invisible character U+202E at index 8" },
        { "isolate\u2066", "U+2066" },
        { "zero\u200bwidth", "U+200B" },
        { "\ufeffmark", "U+FEFF" },
        { "tag\U000e0041", "U+E0041 at index 3" },
        { "\u3164", @"'\u3164' has the invisible character U+3164 at index 0" }, // letters, some of them, to Unicode and to C#
        { "filler\u115f\u1160", "U+115F at index 6" },
        { "a\u1160", "U+1160" },
        { "a\uffa0", "U+FFA0" },
        { "a\u17b4", "U+17B4" },
        { "braille\u2800", "U+2800 at index 7" },
        { "join\u034fer", "U+034F" },
        { "\ufe0f", "U+FE0F" },
        { "\u2764\ufe0f", "U+FE0F at index 1" },
        { "\U000e0100", "U+E0100" },
        { "\u2065", "U+2065" },
        { "\U0001d159", "U+1D159" },
        { "\uffff", "U+FFFF" },
        { "\ufffe", "U+FFFE" },
        { "\ufdd0", "U+FDD0" },
        { "\U0010ffff", "U+10FFFF" },
        { "high\ud83d", "lone surrogate U+D83D at index 4" },
        { "low\ude00er", "lone surrogate U+DE00 at index 3" },
        { new string('x', ObjectName.MaxLength + 1), "has 257 UTF-16 units" },
        { new string('x', 1 << 20), "has 1048576 UTF-16 units" },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void Whatever_has_a_name_refuses_it(string name, string says)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        int caches = runtime.Caches.Count;
        foreach (Func<object> make in (Func<object>[])
        [
            () => runtime.CreateCache(name, 8),
            () => runtime.CreateCache<long>(name),
            () => runtime.CreateKmalloc(name),
            () => new Mempool(cache, 1, name),
            () => new Mempool<long>(cache, 1, name),
            () => new SlabAccount(name, 1),
            () => new TestShrinker(name),
        ])
        {
            ArgumentException error = Assert.ThrowsAny<ArgumentException>(make);
            Assert.Equal("name", error.ParamName);
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
            Assert.Contains("1 to 256 UTF-16 units", error.Message, StringComparison.Ordinal);
            Assert.True(error.Message.Length < 400, "A long name is cut.");
            Assert.DoesNotContain(error.Message.AsEnumerable(), static c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u202e' or '\u2028');
        }

        Assert.Equal((caches, 0), (runtime.Caches.Count, cache.Snapshot().LiveObjects));
    }

    [Theory]
    [InlineData("o")]
    [InlineData("net.Packet<Box<Int32>,Int64>")]
    [InlineData("größe-名前-\u05d0\u05d1")]
    [InlineData("emoji-\U0001f600")]
    [InlineData("e\u0301\u2764\u2801\ufffd\ufdf0")]
    public void Whatever_has_a_name_takes_it(string name)
    {
        foreach (string taken in (string[])[name, name.PadRight(ObjectName.MaxLength, 'x')])
        {
            using SlabRuntime runtime = TestRuntime.OfPages(64);
            KmemCache cache = runtime.CreateCache(taken, 8);
            Assert.Equal(taken, runtime.CreateKmalloc(taken).Name);
            using var pool = new Mempool(cache, 1);
            Assert.Equal(taken, pool.Name);
            Assert.Equal(taken, new SlabAccount(taken, 1).Name);
            Assert.Equal(taken, new TestShrinker(taken).Name);
        }
    }

    [Theory]
    [InlineData("Box<Int32>", "Box<Int32>")]
    [InlineData("My Type", "My_Type")]
    [InlineData("zero\u200bwidth", "zero_width")]
    [InlineData("\u3164x\uffff", "_x_")]
    [InlineData("", "_")]
    public void What_a_name_may_not_have_is_replaced(string name, string expected) => Assert.Equal(expected, SlabRuntime.FitName(name));

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void Whatever_is_made_to_fit_is_taken(string name, string why)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        Assert.NotEmpty(why);
        runtime.CreateCache(SlabRuntime.FitName($"<{name}>"), 8);
        runtime.CreateCache(SlabRuntime.FitName(name), 8);
    }

    [Fact]
    public void A_long_name_is_cut_where_no_character_is_and_tells_the_rest_by_a_hash()
    {
        string one = SlabRuntime.FitName(new string('x', 238) + "\U0001f600\U0001f600" + new string('y', 100)), other = SlabRuntime.FitName(new string('x', 300));
        Assert.Matches("^x{238}-[0-9a-f]{16}$", one);
        Assert.Matches("^x{239}-[0-9a-f]{16}$", other);
        Assert.NotEqual(one[^16..], other[^16..]);
        Assert.Equal(other, SlabRuntime.FitName(new string('x', 300)));
    }
}
