using SlabGen.Memory;

namespace SlabGen.Tests;

/// <summary>A machine of two nodes, whose processors are all of the first, on any Linux machine.</summary>
internal static class TwoNodes
{
    public static NumaTopology Read()
    {
        string directory = Directory.CreateTempSubdirectory("slabgen-nodes").FullName;
        File.WriteAllText(Path.Combine(directory, "online"), "0-1");
        File.WriteAllText(Path.Combine(directory, "has_memory"), "0-1");
        foreach (int node in new[] { 0, 1 })
        {
            string of = Directory.CreateDirectory(Path.Combine(directory, $"node{node}")).FullName;
            File.WriteAllText(Path.Combine(of, "cpulist"), node == 0 ? "0-4095" : "");
            File.WriteAllText(Path.Combine(of, "distance"), node == 0 ? "10 20" : "20 10");
        }

        NumaTopology topology = NumaTopology.Read(directory);
        Directory.Delete(directory, recursive: true);
        return topology;
    }
}
