using SlabGen.Memory;

namespace SlabGen.Tests.Memory;

/// <summary>The topology is what the kernel's files say, and one node when they say nothing that makes sense.</summary>
public sealed class NumaTopologyTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("slabgen").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void TwoNodes()
    {
        NumaTopology topology = Read("0-1", [("0-3,8-11", "10 21"), ("4-7,12-15", "21 10")]);
        Assert.Equal([0, 1], topology.Nodes);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1], Enumerable.Range(0, 16).Select(topology.NodeOfProcessor));
        Assert.All([-1, 16, int.MaxValue], unknown => Assert.Equal(0, topology.NodeOfProcessor(unknown)));
        Assert.Equal([0, 1], topology.FallbackOrder(0));
        Assert.Equal([1, 0], topology.FallbackOrder(1));
        Assert.InRange(topology.CurrentNode(), 0, 1);
    }

    [Fact]
    public void FourNodesInARing_FallBackToTheNearest()
    {
        NumaTopology topology = Read(
            "0-3", [("0", "10 20 30 20"), ("1", "20 10 20 30"), ("2", "30 20 10 20"), ("3", "20 30 20 10")]);
        Assert.Equal([0, 1, 3, 2], topology.FallbackOrder(0));
        Assert.Equal([1, 0, 2, 3], topology.FallbackOrder(1));
        Assert.Equal([2, 1, 3, 0], topology.FallbackOrder(2));
        Assert.Equal([3, 0, 2, 1], topology.FallbackOrder(3));
    }

    [Theory]
    [InlineData("has_memory")]
    [InlineData("has_normal_memory")]
    public void ProcessorsOfANodeWithoutMemory_HaveTheNearest(string file)
    {
        Write(file, "0,2");
        NumaTopology topology = Read("0-2", [("0", "10 40 30"), ("1-2", "40 10 20"), ("3", "30 20 10")]);
        Assert.Equal([0, 2], topology.Nodes);
        Assert.Equal([0, 1, 1, 1], Enumerable.Range(0, 4).Select(topology.NodeOfProcessor));
        Assert.Equal([1, 0], topology.FallbackOrder(1));
    }

    [Fact]
    public void NumbersWithGaps_AndANodeWithoutProcessors()
    {
        // The rows have columns for nodes 0, 2 and 5 only.
        Write("online", "0,2,5");
        WriteNode(0, "0", "10 30 20");
        WriteNode(2, "", "30 10 20");
        WriteNode(5, "1", "20 20 10");
        NumaTopology topology = NumaTopology.Read(_directory);
        Assert.Equal([0, 2, 5], topology.Nodes);
        Assert.Equal(2, topology.NodeOfProcessor(1));
        Assert.Equal([0, 2, 1], topology.FallbackOrder(0));
    }

    [Fact]
    public void ANodeComesFirst_WhateverItsDistances() => // firmware reports such things
        Assert.Equal([1, 0], Read("0-1", [("0", "10 10"), ("1", "5 10")]).FallbackOrder(1));

    [Fact]
    public void ASingleNode_KeepsItsNumber()
    {
        Write("has_memory", "1");
        NumaTopology topology = Read("0-1", [("0-1", "10 20"), ("", "20 10")]);
        Assert.Equal([1], topology.Nodes);
        Assert.Equal(0, topology.CurrentNode());
    }

    [Fact]
    public void NoDirectory_IsOneNode() => AssertOneNode(NumaTopology.Read(Path.Combine(_directory, "missing")));

    [Theory]
    [InlineData("online", null)]
    [InlineData("online", "")]
    [InlineData("online", "0-")]
    [InlineData("online", "1-0")]
    [InlineData("online", "0-4294967295")]
    [InlineData("online", "0-65536")]
    [InlineData("online", "0-3")]
    [InlineData("online", "zero")]
    [InlineData("online", "0x0-0x1")]
    [InlineData("has_memory", "")]
    [InlineData("has_memory", "-1")]
    [InlineData("has_memory", "7")]
    [InlineData("node1/cpulist", null)]
    [InlineData("node1/cpulist", "1-2-3")]
    [InlineData("node1/cpulist", "99999")]
    [InlineData("node1/distance", null)]
    [InlineData("node1/distance", "20")]
    [InlineData("node1/distance", "20 10 20")]
    [InlineData("node1/distance", "20 ten")]
    public void WhatIsMissingOrMalformed_IsOneNode(string file, string? content)
    {
        Assert.Equal(2, Read("0-1", [("0", "10 20"), ("1", "20 10")]).Nodes.Count);
        if (content is null)
        {
            File.Delete(Path.Combine(_directory, file));
        }
        else
        {
            Write(file, content);
        }

        AssertOneNode(NumaTopology.Read(_directory));
    }

    [Fact]
    public void TheMachine_HasANodeForEachProcessor()
    {
        NumaTopology topology = NumaTopology.Current;
        Assert.NotEmpty(topology.Nodes);
        Assert.InRange(topology.CurrentNode(), 0, topology.Nodes.Count - 1);
        Assert.All(Enumerable.Range(0, 1024), processor => Assert.InRange(topology.NodeOfProcessor(processor), 0, topology.Nodes.Count - 1));
        Assert.All(
            Enumerable.Range(0, topology.Nodes.Count),
            node => Assert.Equal(Enumerable.Range(0, topology.Nodes.Count), topology.FallbackOrder(node).Order()));
    }

    private static void AssertOneNode(NumaTopology topology)
    {
        Assert.Equal([0], topology.Nodes);
        Assert.Equal(0, topology.NodeOfProcessor(1));
        Assert.Equal(0, topology.CurrentNode());
        Assert.Equal([0], topology.FallbackOrder(0));
    }

    /// <summary>Reads nodes numbered from 0.</summary>
    private NumaTopology Read(string online, (string Processors, string Distances)[] nodes)
    {
        Write("online", online);
        for (int node = 0; node < nodes.Length; node++)
        {
            WriteNode(node, nodes[node].Processors, nodes[node].Distances);
        }

        return NumaTopology.Read(_directory);
    }

    private void WriteNode(int node, string processors, string distances)
    {
        Directory.CreateDirectory(Path.Combine(_directory, $"node{node}"));
        Write($"node{node}/cpulist", processors);
        Write($"node{node}/distance", distances);
    }

    private void Write(string file, string content) => File.WriteAllText(Path.Combine(_directory, file), content + "\n");
}
