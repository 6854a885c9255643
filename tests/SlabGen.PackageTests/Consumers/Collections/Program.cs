using System;
using System.Linq;
using SlabGen;
using SlabGen.Collections;

// The package's readme: each kind once, without unsafe code.
using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20 });
Kmalloc memory = runtime.CreateKmalloc("sessions", new SlabAccount("sessions", 1 << 20));
var prices = new SlabDictionary<long, decimal>(memory) { { 7, 19.99m } };
prices.GetValueRefOrAddDefault(8, out _) += 5;
Console.WriteLine($"{prices[7]} {prices[8]} {prices.TryGetValue(9, out _)}");

var sessions = new SlabByteMap<long>(memory);
sessions["GET /"u8] = 1;
Console.WriteLine($"{sessions["GET /"u8]} {sessions.ContainsKey("get /"u8)}");

var list = new SlabList<int>(memory);
while (list.TryAdd(list.Count))
{
}

Console.WriteLine($"{list.Count > 100_000} {list.Count < 300_000} {list.Take(3).Sum()}");
list.Dispose();
prices.Dispose();
sessions.Dispose();
Console.WriteLine(memory.Destroy().IsClean);
