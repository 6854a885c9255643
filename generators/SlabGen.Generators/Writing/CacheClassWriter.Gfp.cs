namespace SlabGen.Generators;

/// <summary>
/// Allocations with flags that say how far the call may go to succeed. They call the runtime and are not inlined.
/// </summary>
internal sealed partial class CacheClassWriter
{
    private void WriteGfp()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Allocates an object with flags that say what the call may do to find memory. {ContentOfAnObject}</summary>
            /// <remarks>The kernel calls it <c>kmem_cache_alloc_node</c>.</remarks>
            {GfpDoc}
            /// <returns>The object. Free it with <c>Free</c>.</returns>
            {OutOfMemoryDoc}
            """);
        WriteArgumentDoc();
        string alloc = $"new({Services}.Alloc(Cache, ref {_slot}, gfp, node))";
        if (!Prepares)
        {
            _writer.Write($"public static {_ptr} Alloc({GfpParameter}, int node = -1) => {alloc};");
        }
        else
        {
            _writer.Open($"public static {_ptr} Alloc({GfpParameter}, int node = -1)");
            _writer.Write($"{_ptr} result = {alloc};");
            WritePrepare("result");
            _writer.Write("return result;");
            _writer.Close();
        }

        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>
            /// Tries to allocate an object with flags that say what the call may do to find memory. {ContentOfAnObject}
            /// {Fails}
            /// </summary>
            {GfpDoc.Insert(GfpDoc.IndexOf('\n') + 1, "/// <param name=\"result\">The object, or null. Free it with <c>Free</c>.</param>\n")}
            /// <returns>Whether an object was allocated.</returns>
            """);
        WriteArgumentDoc();
        _writer.Open($"public static bool TryAlloc({GfpParameter}, out {_ptr} result, int node = -1)");
        string take = $"{Services}.TryAlloc(Cache, ref {_slot}, gfp, out global::System.IntPtr address, node)";
        if (Prepares)
        {
            WriteTryPrepared(take, "obj", $"{_ptr} obj = new(address);");
        }
        else
        {
            _writer.Write(
                $"""
                bool found = {take};
                result = found ? new(address) : default;
                return found;
                """);
        }

        _writer.Close();
    }

    private const string GfpParameter = "global::SlabGen.GfpFlags gfp";

    private const string GfpDoc =
        "/// <param name=\"gfp\">What the call may do; see <see cref=\"global::SlabGen.KmemCache.Alloc(global::SlabGen.GfpFlags, int)\"/>.</param>\n"
        + "/// <param name=\"node\">The NUMA node where the object should lie, or -1 for any.</param>";

    private void WriteArgumentDoc() => _writer.Write(
        """/// <exception cref="global::System.ArgumentException">The flags contradict each other or name a zone, or the node does not exist.</exception>"""
        + (_model.Constructor is null ? "" : "\n/// <exception cref=\"global::System.InvalidOperationException\"><c>GfpFlags.Zero</c> is set, which would undo the constructor.</exception>"));
}
