using SlabGen.Memory;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Memory;

/// <summary>A set of ranges answers as a set of single addresses does.</summary>
public sealed class AddressRangesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomRanges_AsAModelHoldsThem(int seed)
    {
        var random = new Random(seed);
        var ranges = new AddressRanges();
        bool[] model = new bool[64];
        for (int step = 0; step < 5000; step++)
        {
            int start = random.Next(model.Length), bytes = random.Next(1, model.Length - start + 1);
            Span<bool> part = model.AsSpan(start, bytes);
            switch (random.Next(4))
            {
                case 0:
                    ranges.Add(start, bytes);
                    part.Fill(true);
                    break;
                case 1:
                    ranges.Remove(start, bytes);
                    part.Clear();
                    break;
                default:
                    Assert.Equal(part.Contains(true), ranges.Overlaps(start, bytes));
                    break;
            }
        }
    }

    [Fact]
    public void HighAddresses_AreNotNegative()
    {
        var ranges = new AddressRanges();
        ranges.Add(nint.MaxValue - 4095, 8192); // across the middle of the address space
        Assert.True(ranges.Overlaps(nint.MaxValue, 1));
        Assert.True(ranges.Overlaps(nint.MinValue + 4095, 1));
        Assert.False(ranges.Overlaps(nint.MinValue + 4096, 1));
    }
}
