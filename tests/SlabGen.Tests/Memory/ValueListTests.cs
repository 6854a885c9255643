using SlabGen.Memory;

namespace SlabGen.Tests.Memory;

/// <summary>The list that is compiled ahead, against the framework's.</summary>
public sealed class ValueListTests
{
    [Fact]
    public void It_does_what_the_list_of_the_framework_does()
    {
        var random = new Random(7);
        var list = new ValueList<int>();
        var model = new List<int>();
        for (int step = 0; step < 10_000; step++)
        {
            switch (random.Next(model.Count > 20 ? 4 : 3))
            {
                case 0 or 1:
                    list.Add(step);
                    model.Add(step);
                    break;
                case 2 when model.Count > 0:
                    int at = random.Next(model.Count);
                    list.RemoveAt(at);
                    model.RemoveAt(at);
                    break;
                case 3 when random.Next(20) == 0:
                    list.Clear();
                    model.Clear();
                    break;
            }

            Assert.Equal(model.Count, list.Count);
            if (step % 50 == 0)
            {
                Assert.Equal(model, list.ToArray());
            }
        }
    }
}
