namespace SlabGen.Generators;

/// <summary>
/// An owner that outlives the scope. The runtime's owner allocates and frees the object; the class prepares and
/// finishes it in between.
/// </summary>
internal sealed partial class CacheClassWriter
{
    // global::SlabGen.SlabOwner<global::Shop.Order>
    private string Owner => $"global::SlabGen.SlabOwner<{_model.Struct}>";

    private string NewOwner => Finishes ? $"{Services}.Own<{_model.Struct}>(Cache, Finish)" : "new(Cache)";

    private void WriteOwn()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>
            /// Allocates an object for an owner that may live in fields and across <c>await</c>: <c>using var owner = …</c> frees it. {ContentOfAnObject}
            /// </summary>
            /// <returns>The owner. Any thread may dispose of it. Unlike a lease, it is an object on the GC heap.</returns>
            {OutOfMemoryDoc}
            """);
        if (!Prepares && !_model.SingleThreaded)
        {
            _writer.Write($"public static {Owner} Own() => {NewOwner};");
        }
        else
        {
            _writer.Open($"public static {Owner} Own()");
            if (_model.SingleThreaded)
            {
                _writer.Write(CheckThread);
            }

            if (Prepares)
            {
                _writer.Write($"{Owner} owner = {NewOwner};");
                WriteZero("owner", Zeroing.OnAlloc);
                WriteInit("owner.Pointer");
                _writer.Write("return owner;");
            }
            else
            {
                _writer.Write($"return {NewOwner};");
            }

            _writer.Close();
        }

        if (Finishes)
        {
            _writer.Gap();
            _writer.Open($"private static void Finish({_ptr} obj)");
            WriteFini("obj");
            WriteZero("obj", Zeroing.OnFree);
            _writer.Close();
        }
    }
}
