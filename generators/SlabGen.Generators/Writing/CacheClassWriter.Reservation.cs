namespace SlabGen.Generators;

/// <summary>Objects that are set aside.</summary>
internal sealed partial class CacheClassWriter
{
    // global::SlabGen.SlabReservation<global::Shop.Order>
    private string Reservation => $"global::SlabGen.SlabReservation<{_model.Struct}>";

    private void WriteReserve()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Sets objects aside, so that the next allocations from the reservation cannot fail.</summary>
            /// <param name="count">How many objects.</param>
            /// <returns>The reservation; disposing of it gives back what was not taken.</returns>
            /// <exception cref="global::System.OutOfMemoryException">Not so many are left; none was set aside.</exception>
            public static {(Prepares ? "Reservation" : Reservation)} Reserve(int count) => new({(Prepares ? $"new {Reservation}(Cache, count)" : "Cache, count")});
            """);
    }

    /// <summary>A reservation whose objects are prepared; without hooks the runtime's own does.</summary>
    private void WriteReservation()
    {
        if (!Prepares)
        {
            return;
        }

        _writer.Gap();
        _writer.Write("/// <summary>Objects set aside. Not safe for use by several threads at once.</summary>");
        _writer.Open("public sealed class Reservation : global::System.IDisposable");
        _writer.Write(
            $"""
            private readonly {Reservation} _reserved;

            internal Reservation({Reservation} reserved) => _reserved = reserved;

            /// <summary>Allocations left.</summary>
            public int Remaining => _reserved.Remaining;

            /// <summary>Takes one of the objects. {ContentOfAnObject} It is freed to the cache, like any other.</summary>
            /// <returns>The object; give it back with <c>Free</c>.</returns>
            /// <exception cref="global::System.InvalidOperationException">All were taken.</exception>
            """);
        if (_model.Init is { CanRefuse: true } init)
        {
            _writer.Write(
                $"""/// <exception cref="global::System.OutOfMemoryException"><c>{init.Method}</c> refused the object, which went back to the cache.</exception>""");
        }

        _writer.Open($"public {_ptr} Alloc()");
        _writer.Write($"{_ptr} result = _reserved.Alloc();");
        WritePrepare("result");
        _writer.Write("return result;");
        _writer.Close();
        _writer.Gap();
        _writer.Write(
            """
            /// <summary>Gives the objects that were not taken back to the cache.</summary>
            public void Dispose() => _reserved.Dispose();
            """);
        _writer.Close();
    }
}
