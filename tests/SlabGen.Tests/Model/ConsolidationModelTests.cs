using System.Globalization;
using SlabGen.Tests.Caches;
using CsCheck;

namespace SlabGen.Tests.Model;

/// <summary>
/// Proves that moving objects changes nothing but where they lie: whatever is allocated, freed, refused and moved in whatever
/// order, every live object is reachable with its contents, the counts agree, and after a pass without refusals as many
/// slabs are partial as cannot be emptied into one another. A failure prints the script and the seed it came from.
/// </summary>
public class ConsolidationModelTests
{
    private static readonly Gen<Script> s_scripts = Gen.Select(
        CacheModelSizes.AnyOf(8, 24, 64, 200, 1000, 3000),
        Gen.Int[1, 3],
        Gen.Bool,
        Gen.Select(Gen.Frequency(
            (3, Gen.Const(Step.Alloc)),
            (3, Gen.Const(Step.Free)),
            (1, Gen.Const(Step.Consolidate)),
            (1, Gen.Const(Step.ConsolidateInPart))), Gen.Int[0, 200]).Array[1, 40],
        (size, rounds, isChecked, steps) => new Script(size, rounds, isChecked, steps));

    private enum Step
    {
        Alloc,
        Free,
        Consolidate,
        ConsolidateInPart,
    }

    [Fact]
    public void Moving_ChangesNothingButAddresses() => s_scripts.Sample(Run, iter: CacheModelSizes.Scripts(150), print: script => script.ToString());

    private static void Run(Script script)
    {
        SlabRuntime runtime = TestRuntime.OfPages(400);
        runtime.Background.Dispose(); // where memory is short it moves objects too, at any time, and an object that is being moved has two places
        KmemCache cache = runtime.CreateCache("model", script.Size, new SlabCacheOptions { MagazineRounds = script.Rounds, Checked = script.IsChecked });
        var objects = new MovableObjects(cache);
        var random = new Random(1);
        int live = 0;
        foreach ((Step step, int number) in script.Steps)
        {
            switch (step)
            {
                case Step.Alloc:
                    for (int i = 0; i < number && objects.Alloc() != 0; i++)
                    {
                        live++;
                    }

                    break;
                case Step.Free:
                    long[] keys = objects.Keys;
                    random.Shuffle(keys);
                    Array.ForEach(keys[..Math.Min(number, keys.Length)], objects.Free);
                    live -= Math.Min(number, keys.Length);
                    break;
                case Step.Consolidate:
                    objects.Reply = _ => SlabMoveReply.Yes;
                    SlabConsolidation done = cache.Consolidate();
                    Assert.True(done.ObjectsMoved == 0 == (done.SlabsDiscarded == 0), done.ToString());
                    break;
                default:
                    objects.Reply = key => key % 7 == number % 7 ? (SlabMoveReply)(number % 3) + 1 : SlabMoveReply.Yes;
                    int before = objects.Count;
                    cache.Consolidate();
                    objects.Reply = _ => SlabMoveReply.Yes;
                    cache.Consolidate();
                    live -= before - objects.Count; // those that were not needed
                    break;
            }

            Assert.Equal(live, objects.Count);
            Assert.Equal(live, cache.Snapshot().LiveObjects);
            objects.CheckAll();
        }

        objects.FreeAll();
        Assert.False(cache.Shrink());
        TestRuntime.CheckHealth(runtime);
        Assert.True(cache.Destroy().IsClean);
        runtime.Dispose();
    }

    private sealed record Script(int Size, int Rounds, bool IsChecked, (Step Step, int Number)[] Steps)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Size} bytes, {Rounds} rounds, checked {IsChecked}") + Environment.NewLine
            + string.Join(Environment.NewLine, Steps.Select(step => string.Create(CultureInfo.InvariantCulture, $"  {step.Step} {step.Number}")));
    }
}
