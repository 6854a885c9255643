using SlabGen.Memory;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Memory;

/// <summary>Memory is bound to nodes that there are, and to no others.</summary>
public sealed class NodeBindingTests
{
    public static TheoryData<string> Backings => OsMemoryTests.Backings;

    [Theory]
    [MemberData(nameof(Backings))]
    public unsafe void ANodeThatIsNotThere_IsRefused_AndTheRangeServes(string backing)
    {
        IOsMemory memory = OsMemoryTests.Create(backing);
        nint start = memory.Reserve(1 << 20, Page.Size);
        Assert.All([-1, 1000, 1023, 1024, int.MaxValue], node => Assert.False(memory.TryBindToNode(start, 1 << 20, node)));
        Assert.True(memory.Commit(start, 1 << 20));
        new Span<byte>((void*)start, 1 << 20).Fill(0xa5);
        memory.Unmap(start, 1 << 20);
    }

    [Fact]
    public unsafe void Linux_EachNodeOfTheMachine_IsAccepted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux binds a range");
        IOsMemory memory = OsMemory.Current;
        foreach (int node in NumaTopology.Current.Nodes)
        {
            nint start = memory.Reserve(1 << 20, Page.Size);

            // Containers may forbid the call, or a node; qemu does not know it.
            Assert.SkipUnless(memory.TryBindToNode(start, 1 << 20, node), $"mbind to node {node} was refused");

            Assert.True(memory.Commit(start, 1 << 20));
            new Span<byte>((void*)start, 1 << 20).Fill(0xa5);
            string mapping = File.ReadLines("/proc/self/numa_maps").First(line => line.StartsWith($"{start:x} ", StringComparison.Ordinal));
            Assert.Contains($"prefer:{node}", mapping, StringComparison.Ordinal);
            memory.Unmap(start, 1 << 20);
        }
    }
}
