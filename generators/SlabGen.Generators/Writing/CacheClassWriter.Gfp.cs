namespace SlabGen.Generators;

/// <summary>Allocations that say what may be done to serve them. They go straight to the runtime, and so are not inlined.</summary>
internal sealed partial class CacheClassWriter
{
    private void WriteGfp()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Allocates an object, and says what may be done to have it, and where it should lie (<c>kmem_cache_alloc_node</c>). {ContentOfAnObject}</summary>
            {GfpDoc}
            /// <returns>The object; give it back with <c>Free</c>.</returns>
            {OutOfMemoryDoc}
            """);
        WriteArgumentDoc();
        string alloc = $"new(Cache.Alloc(ref {_slot}, gfp, node))";
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
            /// <summary>Allocates an object, if there is one that the request may have{(_model.Init is { CanRefuse: true } init ? $", and <c>{init.Method}</c> does not refuse it" : "")}.</summary>
            {GfpDoc.Insert(GfpDoc.IndexOf('\n') + 1, "/// <param name=\"result\">The object, or null; give it back with <c>Free</c>.</param>\n")}
            /// <returns>Whether there is an object.</returns>
            """);
        WriteArgumentDoc();
        _writer.Open($"public static bool TryAlloc({GfpParameter}, out {_ptr} result, int node = -1)");
        string take = $"Cache.TryAlloc(ref {_slot}, gfp, out global::System.IntPtr address, node)";
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
        "/// <param name=\"gfp\">What may be done, as <see cref=\"global::SlabGen.KmemCache.Alloc(global::SlabGen.GfpFlags, int)\"/> says.</param>\n"
        + "/// <param name=\"node\">The node of the machine, or -1 for no matter which.</param>";

    private void WriteArgumentDoc() => _writer.Write(
        """/// <exception cref="global::System.ArgumentException">The flags contradict themselves or name a zone; or there is no such node.</exception>"""
        + (_model.Constructor is null ? "" : "\n/// <exception cref=\"global::System.InvalidOperationException\"><c>GfpFlags.Zero</c>, which would undo the constructor.</exception>"));
}
