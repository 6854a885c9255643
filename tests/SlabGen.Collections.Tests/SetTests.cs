using CsCheck;

namespace SlabGen.Collections.Tests;

/// <summary>A set has what <see cref="HashSet{T}"/> has.</summary>
public sealed class SetTests
{
    [Fact]
    public void A_set_is_a_set() =>
        Gen.Select(Gen.Bool, Gen.Select(Gen.Int[0, 2], Gen.Int[0, 600]).Array[1, 900]).Sample(
            (isChecked, script) =>
            {
                using var world = new World(isChecked);
                using var slab = new SlabSet<int>(world.Memory);
                var model = new HashSet<int>();
                foreach ((int operation, int item) in script)
                {
                    switch (operation)
                    {
                        case 0:
                            Assert.Equal(model.Add(item), slab.Add(item));
                            break;
                        case 1:
                            Assert.Equal(model.Remove(item), slab.Remove(item));
                            break;
                        default:
                            Assert.Equal(model.Contains(item), slab.Contains(item));
                            break;
                    }
                }

                Assert.Equal(model.Order(), slab.Order());
            },
            iter: 100);

    [Fact]
    public void Sets_are_joined_and_subtracted()
    {
        using var world = new World(isChecked: true);
        using var set = new SlabSet<int>(world.Memory);
        set.UnionWith([1, 2, 3, 4]);
        set.UnionWith(set);
        set.ExceptWith([2, 3, 9]);
        Assert.Equal([1, 4], set.Order());
        set.ExceptWith(set);
        Assert.Empty(set);
    }

    [Fact]
    public void A_comparer_says_what_is_equal()
    {
        using var world = new World(isChecked: true);
        using var set = new SlabSet<int>(world.Memory, new ByTens());
        Assert.True(set.Add(41));
        Assert.False(set.Add(49));
        Assert.True(set.TryGetValue(40, out int actual));
        Assert.Equal(41, actual);
    }

    private sealed class ByTens : IEqualityComparer<int>
    {
        public bool Equals(int x, int y) => x / 10 == y / 10;

        public int GetHashCode(int obj) => obj / 10;
    }
}
